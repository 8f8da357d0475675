-- What the process that sweeps does beside the schedule, a little at a time: it removes consumers
-- that a crash left behind, once they hold nothing, and forgets callers' ids.
-- KEYS: n, ids, stream
-- ARGV: process, silent for (milliseconds), consumers, ids
local me, silent, consumers, ids = arg(), num(), num(), num()
if sweeper(KEYS[1]) ~= me then return 'OK' end
forgetIDs(KEYS[2], millis(), ids)
local list = redis.pcall('XINFO', 'CONSUMERS', KEYS[3], 'necro')
for _, c in ipairs(list.err and {} or list) do
  if consumers > 0 and c[4] == 0 and c[6] > silent then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[3], 'necro', c[2])
    consumers = consumers - 1
  end
end
return 'OK'
