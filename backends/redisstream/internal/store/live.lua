-- Says that consumers are alive, and forgets those that have said nothing for too long.
-- Guarantees: a member counts as alive for so many milliseconds from now on, by the partition's time.
-- Needs: nothing.
-- Returns 'OK'.
local keys = { live = key(), n = key() }
local request = { ttl = num(), members = list(arg) }
-- The step.
local now = millis(keys.n)
for _, member in ipairs(request.members) do redis.call('ZADD', keys.live, now + request.ttl, member) end
redis.call('ZREMRANGEBYSCORE', keys.live, '-inf', now)
return 'OK'
