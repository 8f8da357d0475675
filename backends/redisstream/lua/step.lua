-- Notes that the server's clock was set forward, unless another process has noted it.
-- KEYS: n
-- ARGV: steps that the caller knows, by how much (milliseconds)
local n, steps, by = KEYS[1], arg(), num()
if (redis.call('HGET', n, 'clock steps') or '0') == steps then leap(n, by) end
return sight(n)
