-- What the scripts share. It stands in front of each of them.

-- key and arg return the script's keys and arguments one after the other; num an argument as a number,
-- flag whether it is '1'. list reads a number and as many items, each with read. A script reads its whole
-- request with these, in the order in which its Go file writes it.
local keyn, argn = 0, 0
local function key() keyn = keyn + 1; return KEYS[keyn] end
local function arg() argn = argn + 1; return ARGV[argn] end
local function num() return tonumber(arg()) end
local function flag() return arg() == '1' end
local function list(read)
  local items = {}
  for i = 1, num() do items[i] = read() end
  return items
end

-- wall is the server's clock, in milliseconds. It may be set at any time, by hours. Idle times and
-- expiries of keys go by it.
local function wall()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- clock reads the time of the partition, by which everything is due that we keep ourselves, without
-- writing: the server's clock and what that is behind; and where the time was seen last, and how far
-- the clock was behind then.
local function clock(n)
  local row = redis.call('HMGET', n, 'clock seen', 'clock behind')
  local seen, behind = tonumber(row[1] or 0), tonumber(row[2] or 0)
  return wall() + behind, seen, behind
end

-- leap counts a step of the server's clock: all leases of the partition begin anew (see claim.lua).
local function leap(n, by)
  redis.call('HINCRBY', n, 'clock steps', 1)
  redis.call('HSET', n, 'clock step', by)
end

-- millis is the time of the partition. It never goes back: where the server's clock does, also because
-- another server took over, it goes on from where it was seen last.
local function millis(n)
  local now, seen, behind = clock(n)
  if now >= seen then
    if now >= seen + 100 then redis.call('HSET', n, 'clock seen', now) end
    return now
  end
  redis.call('HSET', n, 'clock behind', behind + seen - now)
  if seen - now >= 1000 then leap(n, now - seen) end
  return seen
end

-- latest is the time of the partition for a script that writes nothing.
local function latest(n)
  local now, seen = clock(n)
  return math.max(now, seen)
end

-- sight is what a caller learns of the server's clock: what it shows, and how many steps it has made.
local function sight(n) return string.format('%.0f %s', wall(), redis.call('HGET', n, 'clock steps') or '0') end

-- stale says that the caller knows another table of bindings.
local function stale(bind, digest) return (redis.call('HGET', bind, 'digest') or '') ~= digest end

-- rebound says that an organ is bound in another mode than the caller knows. An organ that is not
-- bound is not: the caller meets that elsewhere.
local function rebound(bind, organ, mode)
  local row = redis.call('HMGET', bind, 'organ ' .. organ, 'exclusive ' .. organ)
  return row[1] and row[1]:match('%S+$') .. (row[2] == '1' and '!' or '') ~= mode
end

-- typed raises an error when a key holds something else than it should: nothing is
-- written by then, and Redis does not roll back.
local function typed(key, want)
  local is = redis.call('TYPE', key).ok
  if is ~= want and is ~= 'none' then error('key ' .. key .. ' holds a ' .. is .. ', want a ' .. want, 0) end
end

-- order=key: what stands in the hash of holders for a key that was let go and of which messages wait,
-- in place of the delivery that holds it. Such a key is marked among the members that wait, too:
-- behind all others, since their first byte is that of a length.
local letGoMark = '~'
local function letGoMember(key) return '\255' .. key end

-- readWaiting reads a member that waits for a key: where its message stood, and the message. A member that is cut
-- is returned as the message, which then becomes a dead letter with its bytes.
local function readWaiting(member)
  local at = #member < 4 and #member or 4 + struct.unpack('>I4', member)
  local message = member:sub(at + 28)
  if message == '' then return '', member end
  return member:sub(at + 1, at + 27), message
end

-- waitFor is what the members begin with that wait for a key: they are in stored order behind it.
local function waitFor(key) return struct.pack('>I4', #key) .. key end

-- moveLetGo moves the next messages that wait for a key that was let go to the front stream. The key is let go for good in the step that
-- moves the last one. It returns how many messages and bytes it moved, and whether none is left.
local function moveLetGo(wait, hold, front, key)
  local prefix, bytes = waitFor(key), 0
  local behind = redis.call('ZRANGEBYLEX', wait, '[' .. prefix, '(' .. prefix .. '\255', 'LIMIT', 0, 16)
  for _, member in ipairs(behind) do
    local origin, message = readWaiting(member)
    redis.call('XADD', front, '*', 'm', string.char(0x91) .. message, 'origin', origin)
    bytes = bytes + #member
  end
  if #behind > 0 then redis.call('ZREM', wait, unpack(behind)) end
  if #behind < 16 then
    redis.call('ZREM', wait, letGoMember(key))
    redis.call('HDEL', hold, key)
  end
  return #behind, bytes, #behind < 16
end

-- openIn returns how many messages of an entry are not settled, at least 1: by its marks, or by the head of its pack where it has none.
local function openIn(pack, marks)
  if marks ~= '' then return math.max(#marks:gsub('#', ''), 1) end
  local head = pack:byte() or 0
  return math.max(head == 0xdc and (pack:byte(3) or 0) or head - 0x90, 1)
end

-- repeated returns what a publisher was told when it made this call before, or false for a new call. Its token is the
-- number of the last call, and behind it the answer unless that was 'OK'; a smaller number comes too late. Tokens are one
-- hash: it costs half of what strings with an expiry do, and exists always. Now and then a publisher renews its token, and
-- deletes some that were not renewed for two minutes.
local function repeated(n, tokens, seen, process, call, renew)
  local token = redis.call('HGET', tokens, process) or '-1'
  local last = tonumber(token) or tonumber(token:match('^%d+'))
  if call <= last then return call == last and token:match(' (%w+)$') or 'OK' end
  local new = redis.call('HSET', tokens, process, call) == 1
  if renew or new then
    local now = millis(n)
    redis.call('ZADD', seen, now, process)
    for _, old in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', now - 120000, 'LIMIT', 0, 16)) do
      redis.call('HDEL', tokens, old)
      redis.call('ZREM', seen, old)
    end
  end
  return false
end

-- sweeper returns the process that sweeps the schedule, and until when. It is a field of the counters,
-- because a key of its own would expire.
local function sweeper(n)
  local is, expires = (redis.call('HGET', n, 'sweep') or ''):match('^(%S+) (%d+)$')
  return is, tonumber(expires)
end

-- shorten cuts an ownership that lasts longer than any was given: the server's clock went back.
local function shorten(own, lease)
  if redis.call('PTTL', own) > 2 * lease then redis.call('PEXPIRE', own, lease) end
end

-- fields counts the fields of a hash, without its anchor (see anchor.lua).
local function fields(hash) return redis.call('HLEN', hash) - redis.call('HEXISTS', hash, '') end

-- members counts those of a sorted set, without its anchor.
local function members(set) return redis.call('ZCARD', set) - (redis.call('ZSCORE', set, '') and 1 or 0) end

-- marksOf returns the marks of an entry's messages, one for each of them, whatever is stored.
local function marksOf(part, field, size)
  local marks = redis.call('HGET', part, field) or ''
  return marks:sub(1, size) .. string.rep('.', size - #marks)
end

-- takeOut takes messages out of an entry, unless they are done: move stores each somewhere else. The
-- entry goes with its last one.
local function takeOut(n, organ, stream, part, field, id, size, messages, move)
  local marks, count = marksOf(part, field, size), 0
  for _, m in ipairs(messages) do
    if marks:sub(m.i, m.i) ~= '#' then
      move(m)
      marks, count = marks:sub(1, m.i - 1) .. '#' .. marks:sub(m.i + 1), count + 1
    end
  end
  if marks:find('[^#]') then
    redis.call('HSET', part, field, marks)
  else
    redis.call('XACK', stream, 'necro', id)
    redis.call('XDEL', stream, id)
    redis.call('HDEL', part, field)
    count = count - 1
  end
  if count ~= 0 then redis.call('HINCRBY', n, 'more ' .. organ, -count) end -- -0 is no integer for Redis
end

-- ownership returns what tells whether the owner of an exclusive organ acts on an entry; '' stands
-- for any consumer of an organ that is not exclusive. An ownership that ran out is taken again by
-- who still holds the entry: another owner would have taken that over.
local function ownership(own, owner, lease)
  if owner == '' then return function() return true end end
  local is = redis.call('GET', own)
  if is == owner then redis.call('PEXPIRE', own, lease) end
  local process = owner:match('^(.*)/')
  return function(stream, id)
    if not is then
      local pending = redis.pcall('XPENDING', stream, 'necro', id, id, 1)
      if not pending.err and pending[1] and pending[1][2] == process then
        is = owner
        redis.call('SET', own, owner, 'PX', lease)
      end
    end
    return is == owner
  end
end

-- digest renews the digest of the table of bindings.
local function digest(bind)
  redis.call('HDEL', bind, 'digest')
  local all, rows = redis.call('HGETALL', bind), {}
  for i = 1, #all, 2 do rows[#rows + 1] = all[i] .. '=' .. all[i + 1] end
  table.sort(rows)
  redis.call('HSET', bind, 'digest', redis.sha1hex(table.concat(rows, '\n')))
end

-- each calls f with every word of a text.
local function each(text, f) for word in (text or ''):gmatch('%S+') do f(word) end end

-- without takes a word out of a text.
local function without(text, word)
  local words = {}
  each(text, function(w) if w ~= word then words[#words + 1] = w end end)
  return table.concat(words, ' ')
end

-- targets are the organs that messages go to: a stream with the hash of its packs. routes are lists of
-- targets, a park, or the schedule of delayed events.
local targets, routes = {}, {}

-- readTarget makes a target of a stream and its hash.
local function readTarget()
  local t = { stream = key(), marks = key(), organ = arg(), limit = num(), parts = {}, count = 0, size = 0, more = 0 }
  typed(t.stream, 'stream')
  typed(t.marks, 'hash')
  return t
end

-- readRoutes reads both from the arguments, as routes.go writes them. Of the keys those of targets come
-- first, and then the parks.
local function readRoutes()
  for i = 1, num() do targets[i] = readTarget() end
  for i = 1, num() do
    local route = {}
    for j = 1, num() do route[j] = targets[num()] end
    if #route == 0 then
      local event = arg()
      if event:sub(1, 1) == '!' then
        route.later, route.ids, route.event = key(), key(), event
        typed(route.later, 'zset')
        typed(route.ids, 'hash')
      elseif event ~= '' then
        route.behind = event:sub(1, 1) == ' ' -- the park is being handed over
        route.park, route.event = key(), route.behind and event:sub(2) or event
        route.uniq, route.byEnd = key(), key()
        typed(route.park, 'stream')
        typed(route.uniq, 'hash')
        typed(route.byEnd, 'zset')
      end
    end
    routes[i] = route
  end
end

-- add writes an entry. Its messages beyond the first are counted: the stream counts entries.
local function add(t, count, entry)
  local id = redis.call('XADD', t.stream, '*', 'm', entry)
  if count > 1 then
    redis.call('HSET', t.marks, id, string.rep('.', count))
    t.more = t.more + count - 1
  end
end

-- flush writes a target's messages as one entry: a msgpack array of them.
local function flush(t)
  if t.count == 0 then return end
  local head = t.count < 16 and string.char(0x90 + t.count) or string.char(0xdc, 0, t.count)
  local count, entry = t.count, head .. table.concat(t.parts)
  t.parts, t.count, t.size = {}, 0, 0
  add(t, count, entry)
end

-- append adds count messages to what a target gets.
local function append(t, count, bytes)
  if t.count + count > t.limit or t.size + #bytes > 65536 then flush(t) end
  t.parts[#t.parts + 1] = bytes
  t.count, t.size = t.count + count, t.size + #bytes
end

-- isOneMessage reports whether bytes are one flat array of msgpack, and nothing behind it.
local function isOneMessage(bytes)
  local ok, rest, message = pcall(cmsgpack.unpack_one, bytes, 0)
  if not ok or rest ~= -1 or type(message) ~= 'table' then return false end
  for _, element in pairs(message) do
    if type(element) == 'table' then -- the headers
      for name, value in pairs(element) do
        if type(name) == 'table' or type(value) == 'table' then return false end
      end
    end
  end
  return true
end

-- appendFound appends a message that was found in Redis. Bytes that are no message are stored as an entry of their
-- own, because in a pack they would swallow the messages behind them.
local function appendFound(t, bytes, entry)
  if isOneMessage(bytes) then
    append(t, 1, bytes)
  else
    flush(t)
    add(t, 1, entry)
  end
end

-- readUnique returns what is known of a unique event by its id (see unique.lua): until when it holds, its organs, and its place.
-- It returns nil where nothing is.
local function readUnique(uniq, id)
  return (redis.call('HGET', uniq, '!' .. id) or ''):match('^(%d+)%z(%Z*)%z(.*)$')
end

-- releaseUnique ends a unique event, if there is one with the id.
local function releaseUnique(uniq, byEnd, id)
  local _, _, place = readUnique(uniq, id)
  redis.call('HDEL', uniq, '!' .. id)
  redis.call('ZREM', byEnd, id)
  if place and redis.call('HGET', uniq, '@' .. place) == id then redis.call('HDEL', uniq, '@' .. place) end
end

-- uniqueID returns the id of a message that may be of a unique event: only such a message has 16 elements, and so a
-- head of three bytes.
local function uniqueID(message)
  return message:byte() == 0xdc and message:sub(4, 6) == '\1\196\16' and message:sub(7, 22)
end

-- park keeps a message for the first organ that subscribes to its event, and lets the
-- oldest go at the bound. A park that is being handed over has an organ, and lets nothing go.
local function park(n, route, bytes)
  local event, entry = route.event, string.char(0x91) .. bytes
  redis.call('XADD', route.park, '*', 'm', entry, 'seq', redis.call('HINCRBY', n, 'parkseq', 1))
  local count = redis.call('HINCRBY', n, 'parked ' .. event, 1)
  local size = redis.call('HINCRBY', n, 'parkbytes ' .. event, #entry)
  if route.behind then return end
  while count > 10000 or size > 16777216 and count > 1 do
    local oldest = redis.call('XRANGE', route.park, '-', '+', 'COUNT', 1)[1]
    redis.call('XDEL', route.park, oldest[1])
    local unique = uniqueID(oldest[2][2]:sub(2, 23))
    if unique then releaseUnique(route.uniq, route.byEnd, unique) end
    count = redis.call('HINCRBY', n, 'parked ' .. event, -1)
    size = redis.call('HINCRBY', n, 'parkbytes ' .. event, -#oldest[2][2])
    redis.call('HINCRBY', n, 'parklost ' .. event, 1)
  end
end

-- keepLater keeps a delayed event until it is due, unless one with its id waits already, and reports whether it did. Those of
-- one event and one millisecond are due in the order in which they came.
local function keepLater(n, route, bytes)
  local high, low = struct.unpack('>I4I4', bytes)
  local id = bytes:sub(9, 24)
  if redis.call('HEXISTS', route.ids, id) == 1 then return false end
  local number = redis.call('HINCRBY', n, 'laternumber', 1)
  local place = route.event .. '\0' .. struct.pack('>I4I4', math.floor(number / 4294967296), number % 4294967296)
  redis.call('HSET', route.ids, id, place .. bytes:sub(25))
  redis.call('ZADD', route.later, millis(n) + high * 4294967296 + low, place .. id)
  redis.call('HINCRBY', n, 'later', 1)
  return true
end

-- placeLength is how many bytes a member of the delayed events has in front of the id, and what is kept of
-- the event in front of the message.
local function placeLength(event) return #event + 9 end

-- give stores messages for a route, and reports false for a delayed one that waits already. A negative count says that they
-- are an entry already.
local function give(n, route, count, bytes)
  for _, t in ipairs(route) do
    if count < 0 then
      flush(t)
      add(t, -count, bytes)
    else
      append(t, count, bytes)
    end
  end
  if route.park then park(n, route, bytes) end
  return not route.later or keepLater(n, route, bytes)
end

-- forgetIDs forgets callers' ids that are older than ten minutes, at most so many.
local function forgetIDs(ids, now, limit)
  local old = redis.call('ZRANGEBYSCORE', ids, '-inf', now - 600000, 'LIMIT', 0, limit)
  if #old > 0 then redis.call('ZREM', ids, unpack(old)) end
end

-- eachDue visits members of the schedule that are due, at most so many or about so many bytes of
-- them: organ, a zero byte, delivery id, message. visit returns whether the member stays where it is, and what it counts for
-- when that is not its own size.
local function eachDue(due, now, limit, bytes, visit)
  local stay = 0
  while limit > 0 and bytes > 0 do
    local some = redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', stay, 4) -- each may have megabytes
    for _, member in ipairs(some) do
      local size
      if limit > 0 and bytes > 0 then
        local stays
        stays, size = visit(member:match('^%Z*'), member)
        if stays then stay = stay + 1 end
      end
      limit, bytes = limit - 1, bytes - (size or #member)
    end
    if #some < 4 then return end
  end
end

-- untilNext returns in how many milliseconds something is due, of what is due from some time on in two sets; -1 for nothing.
local function untilNext(now, from, due, later)
  local wait = -1
  for _, set in ipairs({ due, later }) do
    local first = redis.call('ZRANGEBYSCORE', set, from, '(+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    local left = first[2] and math.max(0, first[2] - now)
    if left and (wait < 0 or left < wait) then wait = left end
  end
  return wait
end

-- finish writes what is left, and counts it.
local function finish(n)
  for _, t in ipairs(targets) do
    flush(t)
    if t.more > 0 then redis.call('HINCRBY', n, 'more ' .. t.organ, t.more) end
  end
end
