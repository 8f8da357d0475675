-- Binds all organs of a spine in one step: streams and groups, the table, which parks are to be
-- handed over. An organ that is bound keeps its mode while another living process wants it.
-- KEYS: bind, n, pause, live, due; of each organ: q, part, dead, deadid, first, hold, wait, own; of each
--       event: park, took
-- ARGV: digest, live for (milliseconds), process, rows of the table: {row, value or '' to delete it},
--       events, organs: {identity, path, pack, order, exclusive ('1' or '0'), live member,
--       events: {index}}
local bind, live = KEYS[1], KEYS[4]
if stale(bind, arg()) then return 'STALE' end
for i = 1, 5 do typed(KEYS[i], i >= 4 and 'zset' or 'hash') end
local expiry, process = millis(KEYS[2]) + num(), arg()
local rows, events, organs = {}, {}, {}
for i = 1, num() do rows[i] = { arg(), arg() } end
for i = 1, num() do events[i] = { name = arg() } end
for i = 1, num() do
  local o = { id = arg(), path = arg(), pack = num(), order = arg(), exclusive = arg(), member = arg(), events = {} }
  for j = 1, num() do o.events[j] = events[num()] end
  organs[i] = o
end
local next = 6
local function keys(list, types)
  for _, item in ipairs(list) do
    item.keys = {}
    for i, want in ipairs(types) do
      typed(KEYS[next], want)
      item.keys[i] = KEYS[next]
      next = next + 1
    end
  end
end
keys(organs, { 'stream', 'hash', 'stream', 'hash', 'stream', 'hash', 'zset', 'string' })
keys(events, { 'stream', 'hash' })

local function has(words, word) return (' ' .. words .. ' '):find(' ' .. word .. ' ', 1, true) end

-- bindOrgan binds an organ, in the mode that it has while another process wants that.
local function bindOrgan(o)
  local row = redis.call('HGET', bind, 'organ ' .. o.id)
  redis.pcall('XGROUP', 'CREATE', o.keys[1], 'necro', '0', 'MKSTREAM')
  local order = row and row:match('%S+$') or o.order
  redis.call('HSET', bind, 'organ ' .. o.id, o.path .. ' ' .. o.pack .. ' ' .. order)
  if order ~= '-' then redis.pcall('XGROUP', 'CREATE', o.keys[5], 'necro', '0', 'MKSTREAM') end
  local exclusive = redis.call('HGET', bind, 'exclusive ' .. o.id)
  if not exclusive then
    exclusive = o.exclusive
    redis.call('HSET', bind, 'exclusive ' .. o.id, exclusive)
  end
  local turning = redis.call('HEXISTS', bind, 'turn ' .. o.id) == 1
  if not turning and (order ~= o.order or exclusive ~= o.exclusive) then
    local mode = order .. (exclusive == '1' and '!' or '')
    if not wanted(KEYS[2], live, o.id, mode, process) then change(bind, o.id, o.keys, order, o.order, o.exclusive) end
  end
  redis.call('ZADD', live, expiry, o.member)
end

-- handOver has an organ that binds an event for the first time get what is parked of it. Organs that
-- had the event before have had that, and get what is stored from now on, behind the park.
local function handOver(o, e, bound)
  local park, took = e.keys[1], e.keys[2]
  if redis.call('EXISTS', park) == 0 then return end
  local draining = redis.call('HGET', bind, 'drain ' .. e.name)
  if not draining then
    local over = redis.call('PTTL', park) >= 0 -- it was handed over less than a minute ago
    if over and redis.call('HEXISTS', took, o.id) == 1 then return end
    local last = redis.call('XREVRANGE', park, '+', '-', 'COUNT', 1)[1]
    if not last then return end
    redis.call('PERSIST', park)
    redis.call('PERSIST', took)
    each(bound, function(other) redis.call('HSET', took, other, last[1]) end)
    draining = bound
  end
  redis.call('HSETNX', took, o.id, '0-0')
  redis.call('HSET', bind, 'drain ' .. e.name, draining == '' and o.id or draining .. ' ' .. o.id)
end

for _, o in ipairs(organs) do
  bindOrgan(o)
  for _, e in ipairs(o.events) do
    local bound = redis.call('HGET', bind, 'event ' .. e.name) or ''
    if not has(bound, o.id) then
      handOver(o, e, bound)
      redis.call('HSET', bind, 'event ' .. e.name, bound == '' and o.id or bound .. ' ' .. o.id)
    end
  end
end
for _, row in ipairs(rows) do
  if row[2] == '' then redis.call('HDEL', bind, row[1]) else redis.call('HSET', bind, row[1], row[2]) end
end
digest(bind)
return 'OK'
