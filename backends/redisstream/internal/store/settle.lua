-- Applies outcomes of an organ's deliveries.
-- Guarantees: each outcome is one step: the fence, which lets the first settle of a delivery win, and all its
--   effects. The acknowledgement of an entry passes when this call takes the entry out of the pending ones; one of
--   a part of it when the message has no mark '#' yet.
-- Needs: owner is empty for an organ that is not exclusive and has no lanes; with an epoch it is the one that owns the lanes of all
--   deliveries, and own is the hash of the lanes. A section is of entries of the queue with one message each,
--   which was acknowledged and emitted one message at most ('lone'), of entries with their outcomes ('entries'), or of entries that are
--   acknowledged as a whole, and together ('together'): it has the writes of their states, one for each key, and their rows.
--   An entry with no outcomes is acknowledged as a whole. effects is '1' when all is acknowledged and no order counts,
--   's' when an outcome writes a state, else '0'. declines says that an outcome is a decline in a lane.
-- Returns '1' or '0' for each outcome: whether it was applied; '3' for a decline of which nothing happened but that its
--   lane goes to another consumer; '2' for one whose record has another mark than it has
--   read, of which nothing happened; '?' for an entry of which nothing happened, and whose outcomes are to come again one by one: it was to
--   be acknowledged as a whole, and a part of it was done before; or of those that are acknowledged together one was lost, or a record
--   has another mark than was read. What stands behind those in the call is refused
--   as well, because it must not happen in front of them. At the end '!' when the organ is paused from now on, and '~' when a key
--   was let go that something waits for. 'STALE' when the table of bindings is another one.
local bind, n, due, pause, own = key(), key(), key(), key(), key()
local q, part, dead, deadid, first, hold, wait, bell = key(), key(), key(), key(), key(), key(), key(), key()
local known, organ, owner, epoch, lease, order = arg(), arg(), arg(), arg(), num(), arg()
local deadLimit, deadBytes, effects, declines = num(), num(), arg(), flag()
readRoutes()
local plain, stateful = effects == '1', effects == 's'
local state, ttls, listed
if stateful then state, ttls, listed = key(), key(), key() end
local uniq, byEnd
if #KEYS > keyn then uniq, byEnd = key(), key() end
-- What follows is read while it is applied, one thing after the other: there may be hundreds.
local function readLone() return num(), num(), num() end -- a route or 0, messages of each row, entries
local function readJoined() return { s = num(), id = arg(), size = num() } end -- stream, id, messages
local function readEntry() return num(), arg(), num(), num() end -- stream, id, messages, outcomes
local function readRow() return num(), num(), arg() end -- route, messages, their bytes
local function readRetry() return num(), arg() end -- delay, and the delivery as it waits in the schedule
local function readDeath() return arg(), arg(), arg(), arg(), arg(), arg(), arg() end -- see bury

-- readWrite reads what an outcome does with the record of its key: the key, the mark that the record must have ('' for
-- none), the new record without its expiry ('' for none, which removes it), and for how long it lives (0 for ever).
local function readWrite(key)
  if order == '' then key = arg() end
  return key, arg(), arg(), num()
end

-- readWrites reads such writes, which are one argument: with hundreds in a call that halves what they cost.
local function readWrites()
  local writes, bytes, at = {}, arg(), 1
  for i = 1, num() do
    local of, read, record, ttl
    of, read, record, ttl, at = struct.unpack('>I4c0I1c0I4c0d', bytes, at)
    writes[i] = { of = of, read = read, record = record, ttl = ttl }
  end
  return writes
end

-- readOutcome reads the index of a message in its entry, and the kind of its outcome; where order counts also the
-- ids of the delivery and its key. A kind has the id of the event behind it where that is unique and done. Behind it stand rows ('ack'), a write of the state and rows ('state'), a retry
-- ('later'), its lane and a retry ('decline', of an organ with lanes), a death ('dead'), or a death, whether the give-up handler ran, whether a write of the state follows, and rows
-- ('giveup').
local function readOutcome()
  local index, kind, unique = num(), arg(), nil
  if #kind > 16 then kind, unique = kind:sub(1, -17), kind:sub(-16) end
  if order == '' then return index, kind, '', '', unique end
  return index, kind, arg(), arg(), unique
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
if stateful then
  typed(state, 'hash')
  typed(ttls, 'zset')
  typed(listed, 'zset')
end
if uniq then
  typed(uniq, 'hash')
  typed(byEnd, 'zset')
end
if epoch ~= '' then
  typed(own, 'hash')
  typed(bell, 'stream')
end
local streams = { q, first }
local inLanes = epoch ~= '' and ownsLanes(own, n, owner, epoch)
local owns = epoch ~= '' and function() return inLanes end or ownership(own, owner, lease)
local now
local more = 0 -- messages that are done and were not the first of their entry
local later = 0 -- deliveries that are new in the schedule
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
-- claim, some at a time. One that has not failed has no id here: it held back nothing.
local function letGo(delivery, key)
  if delivery == '' then return end
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

-- bury keeps a dead letter, and pauses an organ that has too many of them. gaveUp says that the give-up handler ran.
local function bury(gaveUp, delivery, attempts, reason, text, stack, halt, bytes)
  local fields = { 'm', bytes, 'id', delivery, 'attempts', attempts, 'reason', reason, 'error', text, 'stack', stack }
  if gaveUp then fields[#fields + 1], fields[#fields + 2] = 'gaveup', '1' end
  local id = redis.call('XADD', dead, '*', unpack(fields))
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

-- What is known of the records of keys, by key: the mark as it is by now ('' for no record, false where the call must not
-- write any more), when the stored record expires, and the record to be written ('' for none).
local current, expiries, records = {}, {}, {}
local function time()
  now = now or millis(n)
  return now
end

-- fits reports whether the record of a key has the mark that an outcome has read. Where it has not, those behind that
-- outcome with its key do not fit either.
local function fits(key, read)
  if current[key] == nil then current[key], expiries[key] = markOf(redis.call('HGET', state, key), time) end
  if current[key] ~= read then current[key] = false end
  return current[key] ~= false
end

-- keep notes the new record of a key, for the outcomes behind and for storeRecords.
local function keep(key, record, ttl)
  current[key] = record:sub(2, 9)
  if ttl > 0 and record ~= '' then record = record:sub(1, 9) .. struct.pack('>d', time() + ttl) .. record:sub(18) end
  records[key] = record
end

-- storeRecords writes each record once. The time of a record that lives on is left to sweepstate.lua, which looks when
-- the former one is over.
local function storeRecords()
  for key, record in pairs(records) do
    local was = expiries[key]
    if record == '' then
      redis.call('HDEL', state, key)
      redis.call('ZREM', listed, key)
      if was > 0 then redis.call('ZREM', ttls, key) end
    else
      local expiry = expiryOf(record)
      if redis.call('HSET', state, key, record) == 1 then redis.call('ZADD', listed, 0, key) end
      if expiry > 0 and (was == 0 or expiry < was) then redis.call('ZADD', ttls, expiry, key) end
    end
  end
end

-- settleUnique notes that the organ is done with a unique event. The last organ ends it.
local function settleUnique(id)
  local ends, organs, place = readUnique(uniq, id)
  local left = {}
  each(organs, function(word) if word:match('/(.*)$') ~= organ then left[#left + 1] = word end end)
  if organs == '' then return end
  if #left == 0 then releaseUnique(uniq, byEnd, id) return end
  redis.call('HSET', uniq, '!' .. id, ends .. '\0' .. table.concat(left, ' ') .. '\0' .. place)
end

-- apply reads what an outcome does, lets it happen when it counts, and reports whether it did.
local function apply(counts, kind, delivery, key, unique)
  local answer = counts and '1' or '0'
  if kind == 'ack' then
    storeRows(counts)
  elseif kind == 'state' then
    local of, read, record, ttl = readWrite(key)
    if counts and not fits(of, read) then counts, answer = false, '2' end
    if counts then keep(of, record, ttl) end
    storeRows(counts)
  elseif kind == 'later' or kind == 'decline' then
    local number = kind == 'decline' and num()
    local delay, member = readRetry()
    if counts and number and handOn(own, bell, time(), owner, number) then counts, answer = false, '3' end
    if counts then
      -- A message that is stored twice, both of which fail as often, is one in the schedule.
      later = later + redis.call('ZADD', due, time() + delay, member)
    end
  elseif kind == 'dead' then
    local death = { readDeath() }
    if counts then bury(false, unpack(death)) end
  else
    local death = { readDeath() }
    local gaveUp = flag()
    if flag() then
      local of, read, record, ttl = readWrite(key)
      if counts and not fits(of, read) then counts, answer = false, '2' end
      if counts then keep(of, record, ttl) end
    end
    if counts then bury(gaveUp, unpack(death)) end
    storeRows(counts)
  end
  if counts then
    more = more + 1
    if unique then settleUnique(unique) end
    if order ~= '' then
      if kind == 'later' or kind == 'decline' then holdBack(delivery, key) else letGo(delivery, key) end
    end
  end
  applied[#applied + 1] = answer
  return counts
end

-- unstarted are the marks of messages that were marked as started and did not run.
local unstarted = { A = '.', B = '1', C = '2', D = '3', E = '4' }

local done = { {}, {} } -- entries of the two streams to be deleted, with their marks
local lone = {} -- entries of the queue with one message

local refused = false -- entries that were to be acknowledged together

-- settle applies the outcomes of an entry.
local function settle()
  local s, id, size, outcomes = readEntry()
  if refused then
    local before = #applied
    if outcomes == 0 then storeRows(false) end
    for _ = 1, outcomes do
      local _, kind, delivery, key, unique = readOutcome()
      apply(false, kind, delivery, key, unique)
    end
    for i = before + 1, #applied do applied[i] = nil end
    applied[before + 1] = '?'
    return
  end
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
  elseif outcomes == size and not stateful and not declines and not (marks and marks:find('#', 1, true)) then
    local ours = owns(stream, id) and redis.call('XACK', stream, 'necro', id) == 1
    if ours then
      table.insert(done[s], id)
      more = more - 1
    end
    for _ = 1, outcomes do
      local _, kind, delivery, key, unique = readOutcome()
      apply(ours, kind, delivery, key, unique)
    end
  else
    local pending = redis.pcall('XPENDING', stream, 'necro', id, id, 1)
    local ours = owns(stream, id) and not pending.err and #pending == 1
    marks = marks or string.rep('.', size)
    local before = marks
    for _ = 1, outcomes do
      local index, kind, delivery, key, unique = readOutcome()
      local i = index + 1
      if apply(ours and marks:sub(i, i) ~= '#', kind, delivery, key, unique) then
        marks = marks:sub(1, i - 1) .. '#' .. marks:sub(i + 1)
      elseif applied[#applied] == '3' then
        marks = marks:sub(1, i - 1) .. (unstarted[marks:sub(i, i)] or marks:sub(i, i)) .. marks:sub(i + 1)
      end
    end
    if marks ~= before then
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
  local shared = owner == '' and epoch == ''
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

-- settleTogether acknowledges entries that count all or not at all. None of their deliveries holds back others: they have not failed.
local function settleTogether()
  local entries = list(readJoined)
  local writes = readWrites()
  local counts = not refused
  for _, e in ipairs(entries) do
    local marks = counts and e.size > 1 and redis.call('HGET', part, e.s == 1 and e.id or '+' .. e.id)
    counts = counts and not (marks and marks:find('#', 1, true)) and owns(streams[e.s], e.id)
    local pending = counts and redis.pcall('XPENDING', streams[e.s], 'necro', e.id, e.id, 1)
    counts = counts and not pending.err and #pending == 1
  end
  for _, w in ipairs(writes) do counts = counts and fits(w.of, w.read) end
  refused = not counts
  for _, e in ipairs(entries) do
    if counts then
      redis.call('XACK', streams[e.s], 'necro', e.id)
      table.insert(done[e.s], e.id)
      more = more + e.size - 1
    end
    applied[#applied + 1] = counts and string.rep('1', e.size) or '?'
  end
  if counts then
    for _, w in ipairs(writes) do keep(w.of, w.record, w.ttl) end
  end
  storeRows(counts)
end

for _ = 1, num() do
  local section = arg()
  if section == 'lone' then settleLone() elseif section == 'together' then settleTogether() else for _ = 1, num() do settle() end end
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
if later > 0 then redis.call('HINCRBY', n, 'due ' .. organ, later) end
storeRecords()
finish(n)
return table.concat(applied) .. paused .. loose
