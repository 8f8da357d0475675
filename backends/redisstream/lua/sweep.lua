-- What the process that sweeps does beside the schedule, a little at a time: it forgets callers' ids, and
-- removes consumers that a crash left behind, unless they hold something. Returns 'SWEEPS' when the
-- process is the one that sweeps, else 'OK'.
-- KEYS: n, ids, stream
-- ARGV: process, ids, consumers: {name}
local me, ids = arg(), num()
if sweeper(KEYS[1]) ~= me then return 'OK' end
forgetIDs(KEYS[2], millis(KEYS[1]), ids)
for _ = 1, num() do
  local name = arg()
  local held = redis.pcall('XPENDING', KEYS[3], 'necro', '-', '+', 1, name)
  if not held.err and #held == 0 then redis.call('XGROUP', 'DELCONSUMER', KEYS[3], 'necro', name) end
end
return 'SWEEPS'
