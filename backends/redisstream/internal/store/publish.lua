-- Stores messages for the organs that are bound to them.
-- Guarantees: all of the messages or none are stored. A call that is repeated under the same number stores nothing,
--   nor does one of a smaller number than the last one of the process. Of messages with an id of the
--   caller's own one is stored in ten minutes, or in the time that its row says. Of unique messages of a place one is
--   stored until it is done.
-- Needs: one call of the process at a time. ids is the table of bindings where no message has an id. A row has one
--   message when it has an id; a negative count says that its bytes are an entry already. An id has 16 bytes; behind it may
--   stand for how many milliseconds it is remembered. timed counts these rows. '-' stands there for not at all. Behind that may
--   stand '@', for how many milliseconds the message is unique, a space, and its place. The last keys are those of unique events,
--   where a row has a place.
-- Returns 'OK'; where messages with an id were there before '1' for each of them and '0' for each other one with an id, with
--   '2' for a unique one in whose place another one is, whose id stands behind all that in hex;
--   'IDSFULL', and nothing is stored, when ids with a time of their own have no room; or 'STALE' when the table of bindings is
--   another one.
local bind, tokens, seen, ids, n = key(), key(), key(), key(), key()
local known, number, renew, process, timed = arg(), num(), flag(), arg(), num()
readRoutes()
local uniq, byEnd
if #KEYS > keyn then uniq, byEnd = key(), key() end
-- eachRow reads the rows one after the other: they may be a thousand.
local function eachRow(visit)
  for _ = 1, num() do visit(arg(), num(), num(), arg()) end
end
-- readID divides what a row has for its id: the id, for how long it is remembered ('' for the usual time, '-' for not at all),
-- and for a unique message how long it is that, and its place.
local function readID(text)
  local id, memory = text:sub(1, 16), text:sub(17)
  local other, within, place = memory:match('^(%-?%d*)@(%d+) (.*)$')
  return id, other or memory, tonumber(within), place
end
-- The step.
if stale(bind, known) then return 'STALE' end
if ids ~= bind then typed(ids, 'zset') end
typed(n, 'hash')
if uniq then
  typed(uniq, 'hash')
  typed(byEnd, 'zset')
end
local told = repeated(n, tokens, seen, process, number, renew)
if told then return told end

-- The score of an id is when it was given, or for one with a time of its own when that is over, and a half. Of each kind
-- there are a million at most.
local maxIDs = 1000000

-- remembered reports whether an id is remembered.
local function remembered(id, now)
  local score = tonumber(redis.call('ZSCORE', ids, id) or '-inf')
  return score > now - 600000 and (score % 1 == 0 or score > now)
end

-- kept counts the ids whose own time is not over.
local function kept(now) return redis.call('ZCOUNT', ids, '(' .. now, '(+inf') end

-- fresh remembers a caller's id, and reports false for one that is remembered. It forgets some that are older than ten
-- minutes, as does who sweeps; they are never so many at once that others wait for it.
local function fresh(id, memory)
  local now = millis(n)
  forgetIDs(ids, now, 8)
  if remembered(id, now) then return false end
  redis.call('ZADD', ids, memory and now + memory + 0.5 or now, id)
  if redis.call('ZCARD', ids) > maxIDs then redis.call('ZREMRANGEBYRANK', ids, 0, -maxIDs - kept(now) - 1) end
  if not redis.call('ZSCORE', ids, '') then
    local longest = redis.call('ZRANGE', ids, -1, -1, 'WITHSCORES')[2] - now
    redis.call('PEXPIRE', ids, math.floor(math.max(longest, 0)) + 86400000)
  end
  return true
end

-- crowded reports whether the ids with a time of their own have no room.
local function crowded()
  local now, first = millis(n), argn
  local count = kept(now)
  if count + timed <= maxIDs then return false end
  eachRow(function(text)
    local id, memory = readID(text)
    if tonumber(memory) and not remembered(id, now) then count = count + 1 end
  end)
  argn = first
  return count > maxIDs
end

if timed > 0 and crowded() then
  redis.call('HSET', tokens, process, number - 1)
  return 'IDSFULL'
end

-- storeNew stores a message with an id unless it is a duplicate, and returns its answer.
local others = {}
local function storeNew(text, route, count, bytes)
  local id, memory, within, place = readID(text)
  local there = place and findUnique(n, uniq, place, id)
  if there then
    others[#others + 1] = there:gsub('.', function(c) return string.format('%02x', c:byte()) end)
    return '2'
  end
  if memory ~= '-' and not fresh(id, tonumber(memory)) or not give(n, route, count, bytes) then return '1' end
  if place then takePlace(n, uniq, byEnd, id, place, within, route, bytes) end
  return '0'
end

local answers, duplicates = {}, false
eachRow(function(text, route, count, bytes)
  if text == '' then
    give(n, routes[route], count, bytes)
  else
    answers[#answers + 1] = storeNew(text, routes[route], count, bytes)
    duplicates = duplicates or answers[#answers] ~= '0'
  end
end)
finish(n)
if not duplicates then return 'OK' end
local answer = table.concat(answers) .. table.concat(others)
redis.call('HSET', tokens, process, string.format('%.0f %s', number, answer)) -- for a repetition of this call
return answer
