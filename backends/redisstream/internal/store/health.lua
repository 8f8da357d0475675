-- One look at all organs of a partition.
-- Guarantees: it writes nothing, and runs on a replica, too.
-- Needs: limit bounds how many held entries of each stream are looked at. order says whether the front stream
--   and what waits are looked at: not with "-".
-- Returns the table's digest, the counters, the pauses, the breakers of living processes as organs and states
--   by turns, for how long something has been due, and for each organ: entries stored, deliveries held, dead letters, set aside, held back ('1'), age of
--   the oldest ready, silence of the longest held, consumers; and whether more is held than was looked at ('1').
local keys = { bind = key(), n = key(), pause = key(), live = key(), due = key(), later = key() }
local request = {
  limit = num(),
  organs = list(function()
    return { q = key(), part = key(), dead = key(), first = key(), hold = key(), wait = key(), lane = key(), name = arg(), order = arg(), lanes = flag() }
  end),
}
-- The step.
local now, limit = clock(keys.n), request.limit
local alive, living = {}, {}
for _, member in ipairs(redis.call('ZRANGEBYSCORE', keys.live, '(' .. now, '+inf')) do
  local organ = member:match('^%S+')
  alive[organ] = (alive[organ] or 0) + 1
  living[member:match('^%S+ %S+') or ''] = organ
end
local counters, breakers = redis.call('HGETALL', keys.n), {}
for i = 1, #counters, 2 do
  local consumer = counters[i]:match('^breaker (.*)')
  if consumer and living[consumer] then
    breakers[#breakers + 1] = living[consumer]
    breakers[#breakers + 1] = counters[i + 1]
  end
end
local overdue = 0
for _, set in ipairs({ keys.due, keys.later }) do
  local first = redis.call('ZRANGEBYSCORE', set, '-inf', now, 'WITHSCORES', 'LIMIT', 0, 1)
  if first[2] then overdue = math.max(overdue, now - first[2] + 1) end
end
local out = { redis.call('HGET', keys.bind, 'digest') or '', counters, redis.call('HGETALL', keys.pause), breakers, overdue }

-- open counts the deliveries of an entry that are not settled.
local function open(part, field)
  local marks = redis.call('HGET', part, field)
  return marks and #marks:gsub('#', '') or 1
end

local function age(id) return math.max(wall() - tonumber(id:match('^%d+')), 0) end

-- letGoKeys counts the marks of keys that were let go, a hundred at most.
local function letGoKeys(wait)
  for count = 0, 99 do
    local member = redis.call('ZRANGE', wait, -count - 1, -count - 1)[1]
    if not member or member:byte() ~= 255 then return count end
  end
  return 100
end

-- isShared reports whether any consumer's lease of lanes runs.
local function isShared(lane)
  local rows = redis.call('HGETALL', lane)
  for i = 1, #rows, 2 do
    local m = rows[i]:byte() == 64 and readMember(rows[i + 1])
    if m and m.till >= now then return true end
  end
  return false
end

-- look counts what of a stream is held, so many entries at most, and how old the rest is. What owners of lanes have read
-- counts as held while there are some.
local function look(stream, part, prefix, shared)
  local r = { stored = redis.call('XLEN', stream), held = 0, oldest = 0, silent = 0, more = 0 }
  local groups = redis.pcall('XINFO', 'GROUPS', stream)
  if groups.err then return r end
  local last = '0-0'
  for _, g in ipairs(groups) do
    for i = 1, #g, 2 do if g[i] == 'last-delivered-id' then last = g[i + 1] end end
  end
  local unread = redis.call('XRANGE', stream, '(' .. last, '+', 'COUNT', 1)[1]
  if unread then r.oldest = age(unread[1]) end
  local pending = redis.pcall('XPENDING', stream, 'necro', '-', '+', limit)
  if #pending == limit then r.more = 1 end
  for _, p in ipairs(pending.err and {} or pending) do
    local read = p[2] == laneReader
    if p[3] > 100000000000 or read and not shared then
      r.oldest = math.max(r.oldest, age(p[1]))
    else
      r.held = r.held + open(part, prefix .. p[1])
      if not read then r.silent = math.max(r.silent, p[3]) end
    end
  end
  return r
end

for _, o in ipairs(request.organs) do
  local organ, order = o.name, o.order
  local shared = o.lanes and isShared(o.lane)
  local q, first = look(o.q, o.part, '', shared), { stored = 0, held = 0, oldest = 0, silent = 0, more = 0 }
  local aside, back = 0, 0
  if order ~= '-' then
    first = look(o.first, o.part, '+', shared)
    aside = members(o.wait) - letGoKeys(o.wait)
    back = order == 'strict' and math.min(fields(o.hold), 1) or 0
  end
  out[#out + 1] = {
    q.stored + first.stored, q.held + first.held, redis.call('XLEN', o.dead), aside, back,
    math.max(q.oldest, first.oldest), math.max(q.silent, first.silent), alive[organ] or 0, math.max(q.more, first.more),
  }
end
return out
