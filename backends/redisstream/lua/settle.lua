-- Applies outcomes, each as one atomic step: the fence, and all its effects.
-- KEYS: bind, n, due, pause, own, q, part, dead, deadid, first, hold, wait, targets, parks
-- ARGV: digest, organ, consumer or '' (exclusive), lease, order, dead limit, dead bytes, '1' when all are
--       acknowledged and the order does not count, routes,
--       sections: 'lone', route, count, {entry id, message}
--             or: 'entries', {stream, entry id, size, outcomes: {index, kind, …}}; with 0 outcomes all of
--                 the entry is done, and rows of messages follow.
-- Returns '1' or '0' for each outcome, '?' for an entry of which a part was done before; at the end
-- '!' when the organ is paused from now on, and '~' when a key was let go that something waits for.
if stale(KEYS[1], arg()) then return 'STALE' end
local n, due, pause, own = KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local part, dead, deadid, hold, wait = KEYS[7], KEYS[8], KEYS[9], KEYS[11], KEYS[12]
local streams = { KEYS[6], KEYS[10] }
local organ, consumer, lease, order, deadLimit, deadBytes = arg(), arg(), num(), arg(), num(), num()
typed(n, 'hash')
typed(part, 'hash')
if arg() ~= '1' then
  for key, want in pairs({ [due] = 'zset', [pause] = 'hash', [dead] = 'stream', [deadid] = 'hash', [KEYS[10]] = 'stream', [hold] = 'hash', [wait] = 'zset' }) do
    if key ~= KEYS[1] then typed(key, want) end -- in place of one that the mode has no use for
  end
end
readRoutes(13)
local owns = ownership(own, consumer, lease)
local now
local more = 0 -- messages that are done and were not the first of their entry
local paused, loose = '', ''

-- letGo gives free what a delivery that is done held back. What waits for its key is moved by
-- claim, some at a time.
local function letGo(delivery, key)
  if order == 'strict' then redis.call('HDEL', hold, delivery) return end
  if redis.call('HGET', hold, key) ~= delivery then return end
  local prefix = waitFor(key)
  if #redis.call('ZRANGEBYLEX', wait, '[' .. prefix, '(' .. prefix .. '\255', 'LIMIT', 0, 1) == 0 then
    redis.call('HDEL', hold, key)
  else
    redis.call('HSET', hold, key, letGoMark)
    redis.call('ZADD', wait, 0, letGoMember(key))
    loose = '~'
  end
end

-- holdBack lets a delivery that failed hold back the others.
local function holdBack(delivery, key)
  if order == 'strict' then redis.call('HSET', hold, delivery, 1)
  elseif key ~= '' and redis.call('HSETNX', hold, key, delivery) == 0 and redis.call('HGET', hold, key) == letGoMark then
    redis.call('HSET', hold, key, delivery)
    redis.call('ZREM', wait, letGoMember(key))
  end
end

-- bury keeps a dead letter, and pauses an organ that has too many of them.
local function bury(delivery, attempts, reason, text, stack, halt, bytes)
  local id = redis.call('XADD', dead, '*', 'm', bytes, 'id', delivery, 'attempts', attempts, 'reason', reason, 'error', text, 'stack', stack)
  local ids = redis.call('HGET', deadid, delivery)
  redis.call('HSET', deadid, delivery, ids and ids .. ' ' .. id or id)
  local size = redis.call('HINCRBY', n, 'deadbytes ' .. organ, #bytes + #text + #stack)
  if halt ~= '' then
    redis.call('HSET', pause, organ, halt)
    paused = '!'
  end
  if deadLimit > 0 and redis.call('XLEN', dead) >= deadLimit or deadBytes > 0 and size >= deadBytes then
    redis.call('HSET', pause, organ .. '!', deadLimit .. ' ' .. deadBytes)
    paused = '!'
  end
end

-- apply reads an outcome's effects from the arguments, and lets them happen when it counts.
local function apply(counts)
  local kind, delivery, key = arg(), '', ''
  if order ~= '' then delivery, key = arg(), arg() end
  if kind == 'ack' then
    for _ = 1, num() do store(n, counts) end
  elseif kind == 'later' then
    local delay, member = num(), arg()
    if counts then
      now = now or millis(n)
      -- A message that is stored twice, both of which fail as often, is one in the schedule.
      local new = redis.call('ZADD', due, now + delay, member)
      redis.call('HINCRBY', n, 'due ' .. organ, new)
    end
  else
    local letter, attempts, reason, text, stack, halt, bytes = arg(), arg(), arg(), arg(), arg(), arg(), arg()
    if counts then bury(letter, attempts, reason, text, stack, halt, bytes) end
  end
  if counts then
    more = more + 1
    if order ~= '' then
      if kind == 'later' then holdBack(delivery, key) else letGo(delivery, key) end
    end
  end
  return counts and '1' or '0'
end

local done = { {}, {} } -- entries of the two streams to be deleted, with their marks
local lone = {} -- entries of the main stream with one message
local applied = {}

-- settle applies the outcomes of an entry.
local function settle()
  local s, id, size, outcomes = num(), arg(), num(), num()
  local stream = streams[s]
  local field = s == 1 and id or '+' .. id
  local marks = size > 1 and redis.call('HGET', part, field)
  if outcomes == 0 then -- all of it is done, and emitted this
    local whole = not (marks and marks:find('#', 1, true))
    local ours = whole and owns(stream, id) and redis.call('XACK', stream, 'necro', id) == 1
    if ours then
      table.insert(done[s], id)
      more = more + size - 1
    end
    for _ = 1, num() do store(n, ours) end
    applied[#applied + 1] = whole and string.rep(ours and '1' or '0', size) or '?'
  elseif outcomes == size and not (marks and marks:find('#', 1, true)) then
    local ours = owns(stream, id) and redis.call('XACK', stream, 'necro', id) == 1
    if ours then
      table.insert(done[s], id)
      more = more - 1
    end
    for _ = 1, outcomes do arg(); applied[#applied + 1] = apply(ours) end
  else
    local pending = redis.pcall('XPENDING', stream, 'necro', id, id, 1)
    local ours = owns(stream, id) and not pending.err and #pending == 1
    marks = marks or string.rep('.', size)
    for _ = 1, outcomes do
      local i = num() + 1
      local counts = ours and marks:sub(i, i) ~= '#'
      if counts then marks = marks:sub(1, i - 1) .. '#' .. marks:sub(i + 1) end
      applied[#applied + 1] = apply(counts)
    end
    if ours then
      if marks:find('[^#]') then
        redis.call('HSET', part, field, marks)
      else
        redis.call('XACK', stream, 'necro', id)
        table.insert(done[s], id)
        more = more - 1
      end
    end
  end
end

-- settleLone applies the acknowledgements of entries with one message each, which emitted at
-- most one. Their arguments are read without calls: there may be hundreds of them.
local function settleLone()
  local route, count, entries = routes[num()], num(), num()
  local width = route and 2 or 1
  local direct = route and count < 0 and #route == 1 and route[1] -- entries for one organ
  if direct then flush(direct) end
  local shared = consumer == ''
  for i = argn + 1, argn + width * entries, width do
    local id = ARGV[i]
    local ours = (shared or owns(streams[1], id)) and redis.call('XACK', streams[1], 'necro', id) == 1
    if ours then
      lone[#lone + 1] = id
      if direct then
        redis.call('XADD', direct.stream, '*', 'm', ARGV[i + 1])
      elseif route then
        give(n, route, count, ARGV[i + 1])
      end
    end
    applied[#applied + 1] = ours and '1' or '0'
  end
  argn = argn + width * entries
end

for _ = 1, num() do
  if arg() == 'lone' then settleLone() else for _ = 1, num() do settle() end end
end
if #lone > 0 then
  redis.call('XDEL', streams[1], unpack(lone))
  -- Their marks are rare: somebody else may have suspected one meanwhile.
  if redis.call('EXISTS', part) == 1 then redis.call('HDEL', part, unpack(lone)) end
end
for s, ids in ipairs(done) do
  if #ids > 0 then
    redis.call('XDEL', streams[s], unpack(ids))
    if s == 2 then for i, id in ipairs(ids) do ids[i] = '+' .. id end end
    redis.call('HDEL', part, unpack(ids))
  end
end
if more > 0 then redis.call('HINCRBY', n, 'more ' .. organ, -more) end
finish(n)
return table.concat(applied) .. paused .. loose
