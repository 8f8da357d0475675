-- Makes a delayed event due now.
-- Guarantees: the event stays in the schedule, from where it is moved or cancelled like any other. One that is due
--   already keeps its time.
-- Returns 'FOUND' when the event was there, else 'NONE'.
local keys = { n = key(), later = key(), held = key() }
local request = { event = arg() }
-- The step.
local held = redis.call('HGET', keys.held, request.event)
if not held then return 'NONE' end
local member = held:sub(1, placeLength(held:match('^%Z*'))) .. request.event
local now, due = millis(keys.n), redis.call('ZSCORE', keys.later, member)
if not due or tonumber(due) > now then redis.call('ZADD', keys.later, now, member) end
return 'FOUND'
