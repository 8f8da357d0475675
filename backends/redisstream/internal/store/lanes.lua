-- Looks after the lanes of a consumer, and reads on in both streams of its organ.
-- Guarantees: a lane has one owner, and another one only when the former gave it back or its lease is over. Lanes are
--   shared evenly to within one. While a consumer owns one by another number of lanes, or holds an entry that it
--   read without lanes, nothing is given. Entries are given in stored order, and all of the front stream before
--   any of the queue. A call that gives lanes back, and was made before the claim, has no effect behind it.
-- Needs: epoch is what the caller knows, 0 for none, and fresh the one that begins where that is over; frees is how many calls of the
--   epoch have given lanes back; main and front say how far
--   it has read. All owners read all entries, and leave out what is in lanes of others. loose are keys that were let go
--   in lanes of the caller: what waits for them goes to the front stream. told is the last of these keys that it was told of,
--   empty to begin with the first. share has the lanes shared anew. latest is the most that the server's clock can show, or empty.
-- Returns the state, with a '<' when the front stream may hold more and a '>' when the queue may, what the server's clock shows, the
--   epoch, how many lanes are too many ('-' when nothing was shared), the
--   caller's lanes with the last entries that may have begun and 'goes' or 'stays' after a decline, the next 100 keys at most
--   that were let go, in any lanes, how far it has read by now, and
--   entries {stream, id, marks, pack, origin}. The state is 'rebound' when another mode is bound, and 'stepped' when the
--   clock shows more than it can; both are alone with the clock.
local keys = {
  bind = key(), pause = key(), lane = key(), bell = key(), q = key(), part = key(), first = key(), hold = key(), wait = key(), n = key(),
}
local request = {
  mode = arg(), organ = arg(), consumer = arg(), epoch = arg(), fresh = arg(), frees = num(), lease = num(), lanes = num(), latest = num(),
  share = flag(), main = arg(), front = arg(), asked = num(), limit = num(), bytes = num(), atOnce = num(),
  told = arg(), loose = list(arg),
}
-- The step.
local lane, bell, part, hold, wait, n = keys.lane, keys.bell, keys.part, keys.hold, keys.wait, keys.n
local streams, organ, me = { keys.q, keys.first }, request.organ, request.consumer
local now = millis(n)
local seen = sight(n)
if request.latest and tonumber(seen:match('^%d+')) > request.latest then return { 'stepped', seen } end
if rebound(keys.bind, organ, request.mode) then return { 'rebound', seen } end
typed(lane, 'hash')
typed(bell, 'stream')
beginAnew(lane, n, now)
local mine = readMember(redis.call('HGET', lane, '@' .. me))
if mine and (mine.till < now or mine.epoch ~= request.epoch and mine.epoch ~= request.fresh) then mine = nil end
local at = { request.main, request.front }
if not mine or mine.epoch ~= request.epoch then at = { begin, begin } end
local excess, owned, loose, out = '-', {}, {}, {}

-- answer writes the consumer's row, and returns the reply.
local function answer(state)
  mine.till, mine.lease, mine.frees = now + request.lease, request.lease, math.max(mine.frees, request.frees)
  writeMember(lane, me, mine)
  local reply = { state, seen, mine.epoch, excess, owned, loose, at[1], at[2] }
  for _, entry in ipairs(out) do reply[#reply + 1] = entry end
  return reply
end

-- strangers returns whether another consumer holds an entry that was not read for lanes, and the last of a stream that any
-- consumer may have begun with.
local function strangers(stream)
  local start, last = '-', begin
  while true do
    local page = redis.pcall('XPENDING', stream, 'necro', start, '+', 100)
    if page.err then return false, last end
    for _, p in ipairs(page) do
      if p[2] ~= laneReader and p[3] < 100000000000 then
        if p[3] < request.lease then return true, last end
        last = p[1]
      end
      start = '(' .. p[1]
    end
    if #page < 100 then return false, last end
  end
end

-- renumber begins with another number of lanes, once nobody holds anything that it was given before.
local function renumber(set)
  local main, front = (set.former or ''):match('^(%S+) (%S+)$')
  main, front = main or begin, front or begin
  for number, l in pairs(set.lanes) do
    if l.owner ~= '-' then return false end
    main, front = laterOf(main, l.main), laterOf(front, l.front)
  end
  local held, last = strangers(streams[1])
  local heldFront, lastFront = strangers(streams[2])
  if held or heldFront then return false end
  for number in pairs(set.lanes) do redis.call('HDEL', lane, number) end
  set.former, set.count, set.lanes = laterOf(main, last) .. ' ' .. laterOf(front, lastFront), request.lanes, {}
  redis.call('HSET', lane, 'count', set.count, 'former', set.former)
  for number = 0, set.count - 1 do set.lanes[number] = readLane(nil, set.former) end
  ring(bell)
  return true
end

-- share joins those that share the lanes, and takes some. It reports false while nothing may be given.
local function share()
  local set = laneSet(lane, bell, now)
  if mine and not set.members[me] then mine, at = nil, { begin, begin } end
  if not mine then
    if set.members[me] then retire(lane, bell, set, me) end
    mine = { epoch = request.fresh, main = begin, front = begin, frees = 0 }
    ring(bell)
  end
  set.members[me] = mine
  if set.count ~= request.lanes and not renumber(set) then return false end
  local quota, count = shareOf(set, me)
  for number = 0, set.count - 1 do
    local l = set.lanes[number]
    if l.owner == '-' and count < quota then
      l.owner, count = me, count + 1
      writeLane(lane, number, l)
    end
    if l.owner == me then
      local turn = l.to ~= '-' and 'goes' or l.stay > now and 'stays' or '-'
      owned[#owned + 1] = number .. ' ' .. l.main .. ' ' .. l.front .. ' ' .. turn
    end
  end
  excess = tostring(excessOf(set, me, now, quota))
  return true
end

if request.share or not mine or at[1] == begin or tonumber(redis.call('HGET', lane, 'count') or '0') ~= request.lanes then
  if not share() then return answer('owned') end
end
if redis.call('HEXISTS', keys.pause, organ) == 1 or redis.call('HEXISTS', keys.pause, organ .. '!') == 1 then return answer('paused') end

local moved = 0 -- bytes, of all keys: about a mebibyte in a call

-- freeKey moves what waits for a key that was let go to the front stream, as far as this call may.
local function freeKey(name)
  local done = not redis.call('ZSCORE', wait, letGoMember(name))
  while not done and moved < 1048576 do
    local _, bytes, last = moveLetGo(wait, hold, streams[2], name)
    moved, done = moved + bytes, last
  end
end
for _, name in ipairs(request.loose) do freeKey(name) end
local behind = (request.told == '' and '[' or '(') .. letGoMember(request.told)
for _, mark in ipairs(redis.call('ZRANGEBYLEX', wait, behind, '+', 'LIMIT', 0, 100)) do loose[#loose + 1] = mark:sub(2) end

local messages, size, full = 0, 0, false

-- give returns an entry.
local function give(s, id, marks, fields)
  local pack = fields[2]
  messages, size = messages + openIn(pack, marks), size + #pack
  out[#out + 1] = { s, id, marks, pack, fields[4] or '' }
  at[s] = id
end

-- lastRead returns the last entry of a stream that any consumer was given.
local function lastRead(stream)
  local groups = redis.pcall('XINFO', 'GROUPS', stream)
  for _, group in ipairs(groups.err and {} or groups) do
    if group[2] == 'necro' then return group[8] end
  end
  return begin
end

-- readOn returns at most room entries: those that other owners have read first, and then new ones, a few at a time, because each may
-- have megabytes. It reports whether the stream has no more of them.
local function readOn(s, room)
  local stream = streams[s]
  local last = lastRead(stream)
  local known = laterOf(at[s], last) == last and at[s] ~= last
  while room > 0 and not full do
    local count = math.min(room, request.atOnce)
    local entries
    if known then
      entries = redis.call('XRANGE', stream, '(' .. at[s], last, 'COUNT', count)
      for _, entry in ipairs(entries) do
        local field = s == 1 and entry[1] or '+' .. entry[1]
        give(s, entry[1], redis.call('HGET', part, field) or '', entry[2])
      end
      known = #entries == count
    else
      local new = redis.call('XREADGROUP', 'GROUP', 'necro', laneReader, 'COUNT', count, 'STREAMS', stream, '>')
      entries = new and new[1][2] or {}
      for _, entry in ipairs(entries) do give(s, entry[1], '', entry[2]) end
      if #entries < count then return true end
    end
    room, full = room - #entries, size >= request.bytes
  end
  return false
end

local state = fields(hold) > 0 and 'keys' or 'open'
local drained = readOn(2, request.asked)
if not drained then
  state = state .. '<'
elseif not readOn(1, math.max(1, math.ceil((request.asked - messages) * request.limit / request.asked))) then
  state = state .. '>'
end
mine.main, mine.front = laterOf(mine.main, at[1]), laterOf(mine.front, at[2])
return answer(state)
