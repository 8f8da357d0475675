-- Applies outcomes of an organ's deliveries.
-- Guarantees: each outcome is one step: the fence, which lets the first settle of a delivery win, and all its
--   effects. The acknowledgement of an entry passes when this call takes the entry out of the pending ones; one of
--   a part of it when the message has no mark '#' yet.
-- Needs: owner is empty for an organ that is not exclusive. A section is of entries of the queue with one message each,
--   which was acknowledged and emitted one message at most ('lone'), or of entries with their outcomes ('entries').
--   An entry with no outcomes is acknowledged as a whole. plain says that all is acknowledged and no order counts.
-- Returns '1' or '0' for each outcome: whether it was applied; '?' for an entry that was to be acknowledged as a whole
--   and of which a part was done before. At the end '!' when the organ is paused from now on, and '~' when a key
--   was let go that something waits for. 'STALE' when the table of bindings is another one.
local bind, n, due, pause, own = key(), key(), key(), key(), key()
local q, part, dead, deadid, first, hold, wait = key(), key(), key(), key(), key(), key(), key()
local known, organ, owner, lease, order = arg(), arg(), arg(), num(), arg()
local deadLimit, deadBytes, plain = num(), num(), flag()
readRoutes()
-- What follows is read while it is applied, one thing after the other: there may be hundreds.
local function readLone() return num(), num(), num() end -- a route or 0, messages of each row, entries
local function readEntry() return num(), arg(), num(), num() end -- stream, id, messages, outcomes
local function readRow() return num(), num(), arg() end -- route, messages, their bytes
local function readRetry() return num(), arg() end -- delay, and the delivery as it waits in the schedule
local function readDeath() return arg(), arg(), arg(), arg(), arg(), arg(), arg() end -- see bury

-- readOutcome reads the index of a message in its entry, and the kind of its outcome; where order counts also the
-- ids of the delivery and its key. Behind it stand rows ('ack'), a retry ('later') or a death ('dead').
local function readOutcome()
  local index, kind = num(), arg()
  if order == '' then return index, kind, '', '' end
  return index, kind, arg(), arg()
end
-- The step.
if stale(bind, known) then return 'STALE' end
typed(n, 'hash')
typed(part, 'hash')
if not plain then
  for key, want in pairs({ [due] = 'zset', [pause] = 'hash', [dead] = 'stream', [deadid] = 'hash', [first] = 'stream', [hold] = 'hash', [wait] = 'zset' }) do
    if key ~= bind then typed(key, want) end -- in place of one that the mode has no use for
  end
end
local streams = { q, first }
local owns = ownership(own, owner, lease)
local now
local more = 0 -- messages that are done and were not the first of their entry
local paused, loose = '', ''
local applied = {}

-- storeRows reads rows of messages, and stores them when they count.
local function storeRows(counts)
  for _ = 1, num() do
    local route, count, bytes = readRow()
    if counts then give(n, routes[route], count, bytes) end
  end
end

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

-- apply reads what an outcome does, and lets it happen when it counts.
local function apply(counts, kind, delivery, key)
  if kind == 'ack' then
    storeRows(counts)
  elseif kind == 'later' then
    local delay, member = readRetry()
    if counts then
      now = now or millis(n)
      -- A message that is stored twice, both of which fail as often, is one in the schedule.
      local new = redis.call('ZADD', due, now + delay, member)
      redis.call('HINCRBY', n, 'due ' .. organ, new)
    end
  else
    local letter, attempts, reason, text, stack, halt, bytes = readDeath()
    if counts then bury(letter, attempts, reason, text, stack, halt, bytes) end
  end
  if counts then
    more = more + 1
    if order ~= '' then
      if kind == 'later' then holdBack(delivery, key) else letGo(delivery, key) end
    end
  end
  applied[#applied + 1] = counts and '1' or '0'
end

local done = { {}, {} } -- entries of the two streams to be deleted, with their marks
local lone = {} -- entries of the queue with one message

-- settle applies the outcomes of an entry.
local function settle()
  local s, id, size, outcomes = readEntry()
  local stream = streams[s]
  local field = s == 1 and id or '+' .. id
  local marks = size > 1 and marksOf(part, field, size)
  if outcomes == 0 then -- all of it is done, and emitted this
    local whole = not (marks and marks:find('#', 1, true))
    local ours = whole and owns(stream, id) and redis.call('XACK', stream, 'necro', id) == 1
    if ours then
      table.insert(done[s], id)
      more = more + size - 1
    end
    storeRows(ours)
    applied[#applied + 1] = whole and string.rep(ours and '1' or '0', size) or '?'
  elseif outcomes == size and not (marks and marks:find('#', 1, true)) then
    local ours = owns(stream, id) and redis.call('XACK', stream, 'necro', id) == 1
    if ours then
      table.insert(done[s], id)
      more = more - 1
    end
    for _ = 1, outcomes do
      local _, kind, delivery, key = readOutcome()
      apply(ours, kind, delivery, key)
    end
  else
    local pending = redis.pcall('XPENDING', stream, 'necro', id, id, 1)
    local ours = owns(stream, id) and not pending.err and #pending == 1
    marks = marks or string.rep('.', size)
    for _ = 1, outcomes do
      local index, kind, delivery, key = readOutcome()
      local i = index + 1
      local counts = ours and marks:sub(i, i) ~= '#'
      if counts then marks = marks:sub(1, i - 1) .. '#' .. marks:sub(i + 1) end
      apply(counts, kind, delivery, key)
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
  local number, count, entries = readLone()
  local route = routes[number]
  local width = route and 2 or 1
  local direct = route and count < 0 and #route == 1 and route[1] -- entries for one organ
  if direct then flush(direct) end
  local shared = owner == ''
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
