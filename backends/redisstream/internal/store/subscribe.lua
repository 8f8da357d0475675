-- Binds all organs of a spine in one step: streams and groups, the table, which parks are to be handed over.
-- Guarantees: an organ that is bound keeps its mode while another living process wants it. An organ that binds
--   an event for the first time gets what is parked of it, once.
-- Needs: rows of the table, with an empty value for one that is deleted. Events of an organ are numbers in the
--   list of events, from 1 on. order is "strict", "key", "key/" with a number of lanes, or "-".
-- Returns 'OK', or 'STALE' when the table of bindings is another one.
local keys = { bind = key(), n = key(), pause = key(), live = key(), due = key() }
local request = {
  digest = arg(), ttl = num(), process = arg(),
  rows = list(function() return { name = arg(), value = arg() } end),
  events = list(function() return { park = key(), took = key(), name = arg() } end),
  organs = list(function()
    return {
      keys = organKeys(), id = arg(), path = arg(), pack = num(), order = arg(), exclusive = flag(), member = arg(),
      events = list(num),
    }
  end),
}
-- The step.
local bind, live = keys.bind, keys.live
if stale(bind, request.digest) then return 'STALE' end
for name, is in pairs(keys) do typed(is, (name == 'live' or name == 'due') and 'zset' or 'hash') end
for _, o in ipairs(request.organs) do
  for i, want in ipairs({ 'stream', 'hash', 'stream', 'hash', 'stream', 'hash', 'zset', 'string', 'hash', 'stream' }) do typed(o.keys[i], want) end
  o.exclusive = o.exclusive and '1' or '0'
end
for _, e in ipairs(request.events) do
  typed(e.park, 'stream')
  typed(e.took, 'hash')
end
local expiry, process = millis(keys.n) + request.ttl, request.process

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
    if not wanted(keys.n, live, o.id, mode, process) then change(bind, o.id, o.keys, order, o.order, o.exclusive) end
  end
  redis.call('ZADD', live, expiry, o.member)
end

-- handOver has an organ that binds an event for the first time get what is parked of it. Organs that
-- had the event before have had that, and get what is stored from now on, behind the park.
local function handOver(o, e, bound)
  local park, took = e.park, e.took
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

for _, o in ipairs(request.organs) do
  bindOrgan(o)
  for _, number in ipairs(o.events) do
    local e = request.events[number]
    local bound = redis.call('HGET', bind, 'event ' .. e.name) or ''
    if not has(bound, o.id) then
      handOver(o, e, bound)
      redis.call('HSET', bind, 'event ' .. e.name, bound == '' and o.id or bound .. ' ' .. o.id)
    end
  end
end
for _, row in ipairs(request.rows) do
  if row.value == '' then redis.call('HDEL', bind, row.name) else redis.call('HSET', bind, row.name, row.value) end
end
digest(bind)
return 'OK'
