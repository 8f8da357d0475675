-- Ends a consumer: its ownership; what it holds, which others may claim at once and will
-- suspect; and its name in the group once it holds nothing there.
-- KEYS: live, own, q, first
-- ARGV: live member, owner or '', consumer or '' (others of the process still use the name),
--       entries: {stream, id}
local streams = { KEYS[3], KEYS[4] }
redis.call('ZREM', KEYS[1], arg())
local owner, me = arg(), arg()
if owner ~= '' and redis.call('GET', KEYS[2]) == owner then redis.call('DEL', KEYS[2]) end
for _ = 1, num() do
  local s, id = num(), arg()
  local pending = redis.pcall('XPENDING', streams[s], 'necro', id, id, 1)
  if not pending.err and pending[1] and pending[1][2] == me then
    redis.call('XCLAIM', streams[s], 'necro', me, 0, id, 'IDLE', 1000000000000, 'JUSTID')
  end
end
if me ~= '' then
  for _, stream in ipairs(streams) do
    local held = redis.pcall('XPENDING', stream, 'necro', '-', '+', 1, me)
    if not held.err and #held == 0 then redis.call('XGROUP', 'DELCONSUMER', stream, 'necro', me) end
  end
end
return 'OK'
