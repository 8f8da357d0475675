-- Claims a partition for a layout, unless that was done.
-- Guarantees: the first claim stays. A caller whose partition is claimed already writes nothing here, and need
--   not be allowed to.
-- Needs: tags are the partitions' hash tags, or empty where the layout says them.
-- Returns the layout, the number of partitions and the tags that the partition has.
local keys = { meta = key() }
local request = { layout = arg(), partitions = arg(), tags = arg() }
-- The step.
local meta, tags = keys.meta, request.tags
local function claimed()
  local found = redis.call('HMGET', meta, 'layout', 'partitions', 'tags')
  return found[1] and found[2] and { found[1], found[2], found[3] or '' }
end
local before = claimed()
if before then return before end
redis.call('HSETNX', meta, 'layout', request.layout)
redis.call('HSETNX', meta, 'partitions', request.partitions)
if tags ~= '' then redis.call('HSETNX', meta, 'tags', tags) end
return claimed()
