-- Takes a delayed event out of the schedule, and forgets its id.
-- Guarantees: of this and the step that moves the event when it is due one happens.
-- Returns 'FOUND' when the event was there, else 'NONE'.
local keys = { n = key(), later = key(), held = key(), ids = key(), uniq = key(), byEnd = key() }
local request = { event = arg() }
-- The step.
typed(keys.uniq, 'hash')
typed(keys.byEnd, 'zset')
local held = redis.call('HGET', keys.held, request.event)
if not held then return 'NONE' end
local place = held:sub(1, placeLength(held:match('^%Z*')))
redis.call('ZREM', keys.later, place .. request.event)
redis.call('HDEL', keys.held, request.event)
redis.call('HINCRBY', keys.n, 'later', -1)
redis.call('ZREM', keys.ids, request.event)
releaseUnique(keys.uniq, keys.byEnd, request.event)
return 'FOUND'
