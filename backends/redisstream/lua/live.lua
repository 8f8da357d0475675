-- Says that consumers are alive, and forgets those that have said nothing for too long.
-- KEYS: live, n
-- ARGV: live for (milliseconds), consumers
local now, ttl = millis(KEYS[2]), num()
for _ = 1, num() do redis.call('ZADD', KEYS[1], now + ttl, arg()) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
return 'OK'
