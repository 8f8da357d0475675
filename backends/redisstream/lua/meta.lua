-- Claims a partition for this layout, unless that was done. Returns the layout, the number of
-- partitions that it has, and their tags, if these were chosen. Who only looks writes nothing here, and
-- need not be allowed to.
-- KEYS: meta
-- ARGV: layout, partitions, tags or ''
local layout, partitions, tags = arg(), arg(), arg()
local found = redis.call('HMGET', KEYS[1], 'layout', 'partitions', 'tags')
if found[1] and found[2] then return { found[1], found[2], found[3] or '' } end
redis.call('HSETNX', KEYS[1], 'layout', layout)
redis.call('HSETNX', KEYS[1], 'partitions', partitions)
if tags ~= '' then redis.call('HSETNX', KEYS[1], 'tags', tags) end
found = redis.call('HMGET', KEYS[1], 'layout', 'partitions', 'tags')
return { found[1], found[2], found[3] or '' }
