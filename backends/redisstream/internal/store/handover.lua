-- Hands over a page of what is parked, in stored order, to the organs that have had least of it.
-- Guarantees: what is handed over is stored in the step that notes how far each organ is. When all organs have
--   had all of it, newer events go to the organs again, and the parks stay for the rest of a minute, for
--   organs that bind the event a little later.
-- Needs: organs of an event are numbers in the list of organs, from 1 on.
-- Returns 'DONE' or 'MORE', or 'STALE' when the table of bindings is another one.
local keys = { bind = key(), n = key(), uniq = key(), byEnd = key() }
local request = {
  digest = arg(), messages = num(), bytes = num(), organs = list(readTarget),
  events = list(function() return { park = key(), took = key(), name = arg(), organs = list(num) } end),
}
-- The step.
local bind, n = keys.bind, keys.n
if stale(bind, request.digest) then return 'STALE' end
typed(keys.uniq, 'hash')
typed(keys.byEnd, 'zset')
local room, bytes = request.messages, request.bytes
targets = request.organs

-- before compares ids of entries.
local function before(a, b)
  local am, as = a:match('(%d+)-(%d+)')
  local bm, bs = b:match('(%d+)-(%d+)')
  am, as, bm, bs = tonumber(am), tonumber(as), tonumber(bm), tonumber(bs)
  return am < bm or am == bm and as < bs
end

local events = {}
for i, asked in ipairs(request.events) do
  local e = { name = asked.name, park = asked.park, took = asked.took, organs = {}, next = {}, at = 1, count = 1 }
  typed(e.park, 'stream')
  typed(e.took, 'hash')
  for j, number in ipairs(asked.organs) do
    local t = targets[number]
    local cursor = redis.call('HGET', e.took, t.organ) or '0-0'
    e.organs[j] = { target = t, cursor = cursor }
    if not e.cursor or before(cursor, e.cursor) then e.cursor = cursor end
  end
  for _, o in ipairs(e.organs) do o.behind = o.cursor == e.cursor end
  events[i] = e
end

-- peek returns the next entry of an event's park, or nil behind the last one. It reads a few entries at
-- a time, as their size allows.
local function peek(e)
  if not e.next[e.at] and e.cursor then
    e.next, e.at = redis.call('XRANGE', e.park, '(' .. e.cursor, '+', 'COUNT', e.count), 1
  end
  return e.next[e.at]
end

-- oldest returns the event whose next entry was parked first.
local function oldest()
  local first, number
  for _, e in ipairs(events) do
    local entry = peek(e)
    local seq = entry and (tonumber(entry[2][4]) or 0)
    if entry and (not first or seq < number) then first, number = e, seq end
  end
  return first
end

local last = false
while room > 0 and bytes > 0 do
  local e = oldest()
  last = not e
  if last then break end
  local entry = e.next[e.at]
  e.cursor, e.at = entry[1], e.at + 1
  e.count = math.max(1, math.min(16, math.floor(65536 / #entry[2][2])))
  for _, o in ipairs(e.organs) do
    if o.behind then
      appendFound(o.target, entry[2][2]:sub(2), entry[2][2])
      routeUnique(n, keys.uniq, keys.byEnd, entry[2][2]:sub(2, 23), { o.target })
      room, bytes = room - 1, bytes - #entry[2][2]
    end
  end
end
finish(n)
for _, e in ipairs(events) do
  for _, o in ipairs(e.organs) do
    if o.behind then redis.call('HSET', e.took, o.target.organ, e.cursor)
    elseif before(o.cursor, e.cursor) then last = false end
  end
end
if not last then return 'MORE' end
for _, e in ipairs(events) do
  redis.call('HDEL', bind, 'drain ' .. e.name)
  redis.call('HDEL', n, 'parked ' .. e.name, 'parkbytes ' .. e.name)
  redis.call('HSETNX', e.took, '!until', wall() + 60000)
  local over = redis.call('HGET', e.took, '!until')
  redis.call('PEXPIREAT', e.park, over)
  redis.call('PEXPIREAT', e.took, over)
end
digest(bind)
return 'DONE'
