-- Notes that the server's clock was set forward.
-- Guarantees: of all processes that found the same step one counts it: from then on all leases of the
--   partition begin anew.
-- Needs: steps is the count that the caller knows; by says how far the clock went, in milliseconds.
-- Returns what the clock shows, and the count of its steps.
local keys = { n = key() }
local request = { steps = arg(), by = num() }
-- The step.
local n = keys.n
if (redis.call('HGET', n, 'clock steps') or '0') == request.steps then leap(n, request.by) end
return sight(n)
