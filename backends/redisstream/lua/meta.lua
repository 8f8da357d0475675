-- Claims a partition for this layout, unless that was done. Returns the layout and the number of
-- partitions that it has. Who only looks writes nothing here, and need not be allowed to.
-- KEYS: meta
-- ARGV: layout, partitions
local layout, partitions = arg(), arg()
local found = redis.call('HMGET', KEYS[1], 'layout', 'partitions')
if found[1] and found[2] then return found end
redis.call('HSETNX', KEYS[1], 'layout', layout)
redis.call('HSETNX', KEYS[1], 'partitions', partitions)
return redis.call('HMGET', KEYS[1], 'layout', 'partitions')
