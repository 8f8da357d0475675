-- Renews the lease of a consumer that owns lanes, writes marks of what it runs, and gives lanes back.
-- Guarantees: it does nothing once the epoch is over. A mark is written only where a message is not settled, and not given up.
--   No lane is given back by a call that comes late, when a later one or a claim behind it has been seen.
-- Needs: free are lanes of which the consumer holds nothing, and frees the number of the call among those of the epoch that give
--   some back. With leave it gives all back; begun are the last entries of them
--   that its handlers may have begun with. Marks are indexes from 0, each with the mark that the message gets.
-- Returns how many lanes are too many for the consumer, or 'LOST'.
local keys = { lane = key(), bell = key(), q = key(), part = key(), first = key(), n = key() }
local request = {
  consumer = arg(), epoch = arg(), leave = flag(), frees = num(), free = list(num),
  begun = list(function() return { lane = num(), stream = num(), id = arg() } end),
  entries = list(function()
    return { stream = num(), id = arg(), size = num(), marks = list(function() return { index = num(), mark = arg() } end) }
  end),
}
-- The step.
local lane, bell, me = keys.lane, keys.bell, request.consumer
local streams = { keys.q, keys.first }
typed(lane, 'hash')
typed(bell, 'stream')
if not ownsLanes(lane, keys.n, me, request.epoch) then return 'LOST' end
for _, entry in ipairs(request.entries) do
  local s, id = entry.stream, entry.id
  local field = s == 1 and id or '+' .. id
  local pending = redis.pcall('XPENDING', streams[s], 'necro', id, id, 1)
  if not pending.err and #pending == 1 then
    local marks = marksOf(keys.part, field, entry.size)
    for _, m in ipairs(entry.marks) do
      local i = m.index + 1
      if not marks:sub(i, i):match('[#G]') then marks = marks:sub(1, i - 1) .. m.mark .. marks:sub(i + 1) end
    end
    redis.call('HSET', keys.part, field, marks)
  end
end
local set = laneSet(lane, bell, millis(keys.n))
for _, b in ipairs(request.begun) do
  local l = set.lanes[b.lane]
  if l and l.owner == me then
    if b.stream == 1 then l.main = laterOf(l.main, b.id) else l.front = laterOf(l.front, b.id) end
  end
end
for number, l in pairs(set.lanes) do
  if l.owner == me and request.leave then freeLane(lane, bell, set, number) end
end
if request.leave then
  redis.call('HDEL', lane, '@' .. me)
  ring(bell)
  return '0'
end
local mine = set.members[me]
if mine and #request.free > 0 and request.frees > mine.frees then
  mine.frees = request.frees
  writeMember(lane, me, mine)
  for _, number in ipairs(request.free) do
    if set.lanes[number] and set.lanes[number].owner == me then freeLane(lane, bell, set, number) end
  end
end
if not set.count then return '0' end
return tostring(excessOf(set, me, millis(keys.n), (shareOf(set, me))))
