-- Reads the records of some keys of an organ with state.
-- Guarantees: it writes nothing. It ends when the records have so many bytes, behind the first at least.
-- Returns the record of each key that was looked at: '' where there is none, or its time is over. 'STALE' when the table
--   of bindings is another one.
local keys = { bind = key(), n = key(), state = key() }
local request = { digest = arg(), bytes = num(), of = list(arg) }
-- The step.
if stale(keys.bind, request.digest) then return 'STALE' end
typed(keys.state, 'hash')
local now
local function time()
  now = now or latest(keys.n)
  return now
end
local found, room = {}, request.bytes
for i, key in ipairs(request.of) do
  local record = redis.call('HGET', keys.state, key)
  found[i] = record and not isOver(record, time) and record or ''
  room = room - #found[i]
  if room <= 0 then break end
end
return found
