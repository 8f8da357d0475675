-- What the process that sweeps does beside the schedule, a little at a time.
-- Guarantees: it forgets callers' ids that are older than ten minutes, and unique events whose time is over, and removes consumers that a crash left
--   behind, unless they hold something.
-- Needs: the process holds the lease of the sweep (see due.lua); else it does nothing.
-- Returns 'SWEEPS' when the process is the one that sweeps, else 'OK'.
local keys = { n = key(), ids = key(), uniq = key(), byEnd = key(), stream = key() }
local request = { process = arg(), limit = num(), consumers = list(arg) }
-- The step.
if sweeper(keys.n) ~= request.process then return 'OK' end
forgetIDs(keys.ids, millis(keys.n), request.limit)
for _, id in ipairs(redis.call('ZRANGEBYSCORE', keys.byEnd, '-inf', millis(keys.n), 'LIMIT', 0, request.limit)) do
  releaseUnique(keys.uniq, keys.byEnd, id)
end
for _, name in ipairs(request.consumers) do
  local held = redis.pcall('XPENDING', keys.stream, 'necro', '-', '+', 1, name)
  if not held.err and #held == 0 then redis.call('XGROUP', 'DELCONSUMER', keys.stream, 'necro', name) end
end
return 'SWEEPS'
