-- What the scripts share that store and route unique events. Of each the hash of unique events has two fields: '!' and its id, and
-- '@' and its place (name, a zero byte, key). The first says until when it holds, which organs have it and have not settled it,
-- and the place; the second says the id. An organ stands there with the number of its removals, so that one which was removed
-- counts no more. Without organs the event waits for its time or in a park. A sorted set has the ids by when they end.

-- organWord is how an organ stands among those that have an event.
local function organWord(n, organ) return (redis.call('HGET', n, 'removed ' .. organ) or '0') .. '/' .. organ end

-- writeUnique writes what is known of a unique event by its id.
local function writeUnique(uniq, id, ends, organs, place)
  redis.call('HSET', uniq, '!' .. id, ends .. '\0' .. organs .. '\0' .. place)
end

-- holds reports whether the unique event with an id is not done.
local function holds(n, uniq, id, now)
  local ends, organs = readUnique(uniq, id)
  if not ends or tonumber(ends) <= now then return false end
  local held = organs == ''
  each(organs, function(word) held = held or word == organWord(n, word:match('/(.*)$') or '') end)
  return held
end

-- findUnique returns the id of the event that is in a place, or is known by an id, or nil for none.
local function findUnique(n, uniq, place, id)
  local now, other = millis(n), redis.call('HGET', uniq, '@' .. place)
  if other and #other == 16 and holds(n, uniq, other, now) then return other end
  return holds(n, uniq, id, now) and id
end

-- addOrgans notes that a unique event goes to the organs of targets.
local function addOrgans(n, uniq, id, to)
  local ends, organs, place = readUnique(uniq, id)
  if not ends then return end
  for _, t in ipairs(to) do organs = organs .. ' ' .. organWord(n, t.organ) end
  writeUnique(uniq, id, ends, organs, place)
end

-- takePlace lets a unique event, which was stored by a route, hold its place for so many milliseconds from when it is due.
local function takePlace(n, uniq, byEnd, id, place, within, route, bytes)
  local former, ends = redis.call('HGET', uniq, '@' .. place), millis(n) + within
  if former then releaseUnique(uniq, byEnd, former) end
  releaseUnique(uniq, byEnd, id) -- its time in another place is over
  if #route == 0 and not route.park and not route.later then return end
  if route.later then
    local high, low = struct.unpack('>I4I4', bytes)
    ends = ends + high * 4294967296 + low
  end
  ends = string.format('%.0f', ends)
  writeUnique(uniq, id, ends, '', place)
  redis.call('HSET', uniq, '@' .. place, id)
  redis.call('ZADD', byEnd, ends, id)
  addOrgans(n, uniq, id, route)
end

-- routeUnique notes where a message goes that has waited, if it is of a unique event. One that goes nowhere is done.
local function routeUnique(n, uniq, byEnd, message, route)
  local id = uniqueID(message)
  if not id then return end
  if #route == 0 and not route.park then releaseUnique(uniq, byEnd, id) else addOrgans(n, uniq, id, route) end
end
