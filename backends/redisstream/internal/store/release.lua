-- Hands entries back.
-- Guarantees: whoever looks next may claim what is handed back as a whole, and suspects no delivery of it;
--   a started suspect counts as not started again, and what was given up as not given up. What another consumer holds by now stays as it is.
-- Needs: no handler of the consumer runs the deliveries any more. Marks are indexes from 0.
-- Returns 'OK'.
local keys = { q = key(), part = key(), first = key() }
local request = {
  consumer = arg(),
  entries = list(function() return { stream = num(), id = arg(), whole = flag(), marks = list(num) } end),
}
-- The step.
local part, me = keys.part, request.consumer
local streams = { keys.q, keys.first }
local before = { A = '.', B = '1', C = '2', D = '3', E = '4', a = '.', b = '1', c = '2', d = '3', e = '4' }
for _, entry in ipairs(request.entries) do
  local s, id, whole, count = entry.stream, entry.id, entry.whole, #entry.marks
  local pending = redis.pcall('XPENDING', streams[s], 'necro', id, id, 1)
  local held = not pending.err and pending[1] and pending[1][2] == me
  local field = s == 1 and id or '+' .. id
  local marks = count > 0 and redis.call('HGET', part, field)
  for _, index in ipairs(entry.marks) do
    local i = index + 1
    local mark = marks and before[marks:sub(i, i)]
    if mark then marks = marks:sub(1, i - 1) .. mark .. marks:sub(i + 1) end
  end
  if marks and held then redis.call('HSET', part, field, marks) end
  if held and whole then
    redis.call('XCLAIM', streams[s], 'necro', me, 0, id, 'IDLE', 1000000000000, 'RETRYCOUNT', math.max(pending[1][4] - 1, 0), 'JUSTID')
  end
end
return 'OK'
