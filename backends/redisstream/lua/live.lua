-- Says that consumers are alive, or with no time to live that they are gone.
-- KEYS: live
-- ARGV: live for (milliseconds; 0 ends it), consumers
local ttl = num()
for _ = 1, num() do
  if ttl > 0 then redis.call('ZADD', KEYS[1], millis() + ttl, arg()) else redis.call('ZREM', KEYS[1], arg()) end
end
return 'OK'
