-- Claims a partition for this layout. Returns the layout and the number of partitions that
-- it has.
-- KEYS: meta
-- ARGV: layout, partitions
local layout, partitions = arg(), arg()
redis.call('HSETNX', KEYS[1], 'layout', layout)
redis.call('HSETNX', KEYS[1], 'partitions', partitions)
return redis.call('HMGET', KEYS[1], 'layout', 'partitions')
