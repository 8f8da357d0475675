-- Removes consumers that a crash left behind, once they hold nothing.
-- KEYS: streams
-- ARGV: silent for (milliseconds)
local silent = num()
for _, stream in ipairs(KEYS) do
  local consumers = redis.pcall('XINFO', 'CONSUMERS', stream, 'necro')
  if not consumers.err then
    for _, c in ipairs(consumers) do
      if c[4] == 0 and c[6] > silent then redis.call('XGROUP', 'DELCONSUMER', stream, 'necro', c[2]) end
    end
  end
end
return 'OK'
