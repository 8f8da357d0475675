-- Looks after an organ before it reads on: is it paused, who owns it, what waits to be taken over; where order
-- counts it reads what is new, too, so that nothing changes in between.
-- Guarantees: an entry is taken over only when its lease ran out, it was handed back, or the owner of an
--   exclusive organ takes it; where order counts, all that is to be taken over comes before anything new.
--   Marks of suspects that did not come back count as crashes.
-- Needs: owner is empty for an organ that is not exclusive, order where none counts. asked is how many messages
--   are wanted, limit how many entries; nothing is added beyond bytes. recover also returns what this
--   consumer holds and does not know of (known: fields in part); new also what is new in the main stream.
--   turning says that a former mode has left something behind, perhaps lanes. latest is the most that the server's clock can show, or empty.
-- Returns the state, with a '<' when the front stream may hold more that is unread, a '+' when there is more to
--   take over and a '>' when there may be more that is new, what the server's clock shows, and entries
--   {stream, id, deliveries, marks, pack, origin}. The state is 'rebound' when another mode is bound, and
--   'stepped' when the clock shows more than it can: then idle times mean nothing.
local keys = {
  bind = key(), pause = key(), own = key(), q = key(), part = key(), first = key(), hold = key(), wait = key(), n = key(), lane = key(),
}
local request = {
  mode = arg(), organ = arg(), consumer = arg(), owner = arg(), lease = num(), order = arg(), limit = num(), asked = num(),
  bytes = num(), atOnce = num(), recover = flag(), new = flag(), turning = flag(), latest = num(), known = list(arg),
}
-- The step.
local bind, pause, own, part, hold, wait, n = keys.bind, keys.pause, keys.own, keys.part, keys.hold, keys.wait, keys.n
local streams = { keys.q, keys.first }
local mode, organ, me, owner, lease = request.mode, request.organ, request.consumer, request.owner, request.lease
local order, limit, asked, bytes = request.order, request.limit, request.asked, request.bytes
local atOnce, recover, new, latest = request.atOnce, request.recover, request.new, request.latest
local knows = {}
for _, field in ipairs(request.known) do knows[field] = true end

-- held reports whether another consumer has a lease in a stream that has not run out.
local function held(stream)
  local start = '-'
  while true do
    local page = redis.pcall('XPENDING', stream, 'necro', start, '+', 100)
    if page.err then return false end
    for _, p in ipairs(page) do
      if p[2] ~= me and p[3] < lease then return true end
      start = '(' .. p[1]
    end
    if #page < 100 then return false end
  end
end

-- renewAll lets leases begin anew, of which idle times tell nothing since the server's clock was set: a
-- page of them. It reports whether that is all. What was handed back stays free.
local function renewAll(steps)
  local s, start = (redis.call('HGET', n, 'renewing ' .. organ) or '1 -'):match('^(%d) (.*)$')
  s = tonumber(s)
  for _ = 1, 10 do
    local page = redis.pcall('XPENDING', streams[s], 'necro', start, '+', 100)
    for _, p in ipairs(page.err and {} or page) do
      if p[3] < 100000000000 then
        redis.call('XCLAIM', streams[s], 'necro', p[2], 0, p[1], 'IDLE', 0, 'RETRYCOUNT', p[4], 'JUSTID')
      end
      start = '(' .. p[1]
    end
    if page.err or #page < 100 then
      if s == 2 or order == '' then
        redis.call('HDEL', n, 'renewing ' .. organ)
        redis.call('HSET', n, 'leases ' .. organ, steps)
        return true
      end
      s, start = 2, '-'
    end
  end
  redis.call('HSET', n, 'renewing ' .. organ, s .. ' ' .. start)
  return false
end

millis(n)
local seen = sight(n)
if latest and tonumber(seen:match('^%d+')) > latest then return { 'stepped', seen } end
if rebound(bind, organ, mode) then return { 'rebound', seen } end
local steps = seen:match('%d+$')
if (redis.call('HGET', n, 'leases ' .. organ) or '0') ~= steps and not renewAll(steps) then return { 'owned+', seen } end
if redis.call('HEXISTS', pause, organ) == 1 or redis.call('HEXISTS', pause, organ .. '!') == 1 then return { 'paused', seen } end
-- Owners of lanes that the organ had may still run what they took.
if request.turning and fields(keys.lane) > 0 then return { 'owned', seen } end
if owner ~= '' then
  local is = redis.call('GET', own)
  if is and is ~= owner then
    shorten(own, lease)
    return { 'owned', seen }
  end
  -- Another process may still run what it took when the organ was not exclusive.
  if not is and (held(streams[1]) or held(streams[2])) then return { 'owned', seen } end
  redis.call('SET', own, owner, 'PX', lease)
end
-- Where order counts, all that waits to be taken over comes before anything is handed out: its
-- places are spread over both streams. So it does not matter how little is asked for.
local most = order == '' and limit or 100
local taken, more, full, size = 0, false, false, 0

-- free moves what waits for keys that were let go to the front stream: as much as is asked for, or a
-- mebibyte.
local function free()
  local size, moved = 0, 0
  while moved < asked and size < 1048576 do
    local mark = redis.call('ZRANGEBYLEX', wait, '[\255', '+', 'LIMIT', 0, 1)[1]
    if not mark then return end
    local messages, bytes = moveLetGo(wait, hold, streams[2], mark:sub(2))
    moved, size = moved + messages, size + bytes
  end
end
if order == 'key' then free() end

local state = 'open'
if order ~= '' and fields(hold) > 0 then state = order == 'strict' and 'held' or 'keys' end
local out = { state, seen }

-- crashes turns the mark of a delivery that did not come back into a crash, or into the mark of one whose give-up
-- handler may have run.
local crashes = { A = '1', B = '2', C = '3', D = '4', E = '4', a = 'G', b = 'G', c = 'G', d = 'G', e = 'G' }

local messages = 0 -- that are returned and not settled

-- give returns an entry.
local function give(s, id, deliveries, marks, fields)
  local pack = fields[2]
  messages, size = messages + openIn(pack, marks), size + #pack
  out[#out + 1] = { s, id, deliveries, marks, pack, fields[4] or '' }
end

local function take(s, id, deliveries)
  local entry = redis.call('XCLAIM', streams[s], 'necro', me, 0, id)[1]
  if not entry or not entry[2] then return end
  local field = s == 1 and id or '+' .. id
  local marks = redis.call('HGET', part, field) or ''
  local after = marks:gsub('[A-Ea-e]', crashes)
  if after ~= marks then redis.call('HSET', part, field, after) end
  give(s, id, deliveries + 1, after, entry[2])
end

-- known returns what this consumer holds already and does not know of. What would make the answer
-- too large goes back, for whoever looks next.
local function known(s)
  local start, page = '-'
  repeat
    page = redis.call('XPENDING', streams[s], 'necro', start, '+', 1000, me)
    for _, p in ipairs(page) do
      local field = s == 1 and p[1] or '+' .. p[1]
      local lost = p[3] < lease and not knows[field]
      if lost and size >= bytes then
        redis.call('XCLAIM', streams[s], 'necro', me, 0, p[1], 'IDLE', 1000000000000, 'RETRYCOUNT', math.max(p[4] - 1, 0), 'JUSTID')
      elseif lost then
        local entry = redis.call('XRANGE', streams[s], p[1], p[1])[1]
        if entry then give(s, p[1], p[4], redis.call('HGET', part, field) or '', entry[2]) end
      end
      start = '(' .. p[1]
    end
  until #page < 1000
end

-- pending takes over what nobody holds any more, or anybody but the owner.
local function pending(s)
  local start = '-'
  while not more do
    local page
    if owner == '' then
      page = redis.call('XPENDING', streams[s], 'necro', 'IDLE', lease, start, '+', 100)
    else
      page = redis.call('XPENDING', streams[s], 'necro', start, '+', 100)
    end
    for _, p in ipairs(page) do
      if p[2] ~= me or p[3] >= lease then
        more = taken == most or size >= bytes
        if more then return end
        take(s, p[1], p[4])
        taken = taken + 1
      end
      start = '(' .. p[1]
    end
    if #page < 100 then return end
  end
end

-- unread reads at most room new entries, a few at a time, because each may have megabytes. It reports
-- whether the stream has no more of them.
local function unread(s, room)
  local drained = false
  while room > 0 and not full do
    local count = math.min(room, atOnce)
    local new = redis.call('XREADGROUP', 'GROUP', 'necro', me, 'COUNT', count, 'STREAMS', streams[s], '>')
    local entries = new and new[1][2] or {}
    for _, entry in ipairs(entries) do give(s, entry[1], 1, '', entry[2]) end
    drained = #entries < count
    room = drained and 0 or room - count
    full = room > 0 and size >= bytes
  end
  return drained
end

if recover then known(1) end
if recover and order ~= '' then known(2) end
if state ~= 'held' then pending(1) end
if order ~= '' then
  pending(2)
  -- What was let go comes before what is new in the main stream, and perhaps before what was taken over
  -- from there. So the front stream, with one message in each entry, is read however much was taken over,
  -- and the caller learns whether it holds more.
  local drained = more or unread(2, asked)
  if not drained then out[1] = out[1] .. '<' end
  if drained and not more and state ~= 'held' and new then unread(1, math.ceil((asked - messages) * limit / asked)) end
end
if more then out[1] = out[1] .. '+' end
if full then out[1] = out[1] .. '>' end
return out
