-- What the scripts share that know the lanes of an organ. The hash of its lanes has these fields:
--   a number   a lane: the consumer that owns it or '-'; the last entry of the queue and of the front stream that a consumer which
--              is gone may have begun with, or '0-0'; the consumer that it is handed to because of a decline, or '-'; until
--              when it stays with the one that it was handed to so; and the consumers that have declined a delivery of it
--   @<name>    a consumer that shares the lanes: its epoch, when its lease is over, how long that is, the last
--              entry of both streams that it was given, and how many calls of the epoch have given lanes back
--   count      how many lanes there are
--   former     the last entries that a consumer may have begun with before there were so many
--   steps      the steps of the clock by which the leases count
-- A consumer owns its lanes for an epoch, which ends with its lease. Nothing counts that it began with before.

-- laneReader reads for all owners of lanes: a pending entry of it is one that an owner may have been given.
local laneReader = 'lanes'

local begin = '0-0' -- comes before all entries

-- laterOf returns the later one of two ids of entries.
local function laterOf(a, b)
  local am, as = a:match('(%d+)-(%d+)')
  local bm, bs = b:match('(%d+)-(%d+)')
  am, as, bm, bs = tonumber(am), tonumber(as), tonumber(bm), tonumber(bs)
  if am > bm or am == bm and as > bs then return a end
  return b
end

-- readMember reads the row of a consumer; nil for what is none.
local function readMember(row)
  local epoch, till, lease, main, front, frees = (row or ''):match('^(%d+) (%d+) (%d+) (%d+%-%d+) (%d+%-%d+) (%d+)$')
  return epoch and { epoch = epoch, till = tonumber(till), lease = tonumber(lease), main = main, front = front, frees = tonumber(frees) }
end

local function writeMember(lane, name, m)
  redis.call('HSET', lane, '@' .. name, string.format('%s %.0f %.0f %s %s %.0f', m.epoch, m.till, m.lease, m.main, m.front, m.frees))
end

-- beginAnew lets all leases of lanes begin anew where the server's clock was set since they did.
local function beginAnew(lane, n, now)
  local steps = redis.call('HGET', n, 'clock steps') or '0'
  if redis.call('HGET', lane, 'steps') == steps then return end
  local rows = redis.call('HGETALL', lane)
  for i = 1, #rows, 2 do
    local m = rows[i]:byte() == 64 and readMember(rows[i + 1])
    if m then
      m.till = math.max(m.till, now + m.lease)
      writeMember(lane, rows[i]:sub(2), m)
    end
  end
  redis.call('HSET', lane, 'steps', steps)
end

-- readLane reads the row of a lane.
local function readLane(row, former)
  local owner, main, front, to, stay, declined = (row or ''):match('^(%S+) (%d+%-%d+) (%d+%-%d+) (%S+) (%d+) (.*)$')
  if owner then return { owner = owner, main = main, front = front, to = to, stay = tonumber(stay), declined = declined } end
  main, front = (former or ''):match('^(%d+%-%d+) (%d+%-%d+)$')
  return { owner = '-', main = main or begin, front = front or begin, to = '-', stay = 0, declined = '' }
end

local function writeLane(lane, number, l)
  redis.call('HSET', lane, number, string.format('%s %s %s %s %.0f %s', l.owner, l.main, l.front, l.to, l.stay, l.declined))
end

-- ring wakes the consumers that share the lanes, once in a call.
local rung = false
local function ring(bell)
  if not rung then redis.call('XADD', bell, 'MAXLEN', 1, '*', 'm', '') end
  rung = true
end

-- freeLane takes a lane from its owner. One that is handed to a consumer because of a decline stays there for its lease.
local function freeLane(lane, bell, set, number)
  local l = set.lanes[number]
  local next = set.members[l.to]
  l.owner, l.stay = next and l.to or '-', next and next.till or 0
  l.to = '-'
  writeLane(lane, number, l)
  ring(bell)
end

-- retire ends a consumer's part: all that it was given may have begun.
local function retire(lane, bell, set, name)
  local m = set.members[name]
  for number, l in pairs(set.lanes) do
    if l.owner == name then
      l.main, l.front = laterOf(l.main, m.main), laterOf(l.front, m.front)
      freeLane(lane, bell, set, number)
    end
  end
  set.members[name] = nil
  redis.call('HDEL', lane, '@' .. name)
end

local mostLanes = 256

-- laneCount reads how many lanes there are; nil for what no release writes.
local function laneCount(text)
  local count = (text or ''):match('^%d%d?%d?$') and tonumber(text)
  return count and count >= 2 and count <= mostLanes and count or nil
end

-- laneSet reads the lanes, and the consumers that share them. Those whose leases are over are retired, and all of them where the
-- count is damaged, because nobody can tell then which lanes they own.
local function laneSet(lane, bell, now)
  local rows, set = redis.call('HGETALL', lane), { lanes = {}, members = {} }
  local named = {}
  for i = 1, #rows, 2 do named[rows[i]] = rows[i + 1] end
  set.count, set.former = laneCount(named.count), named.former
  local damaged = named.count and not set.count
  for field, row in pairs(named) do
    local m = field:byte() == 64 and readMember(row)
    if m then set.members[field:sub(2)] = m end
  end
  for number = 0, (set.count or damaged and mostLanes or 0) - 1 do set.lanes[number] = readLane(named[tostring(number)], set.former) end
  local over = {}
  for name, m in pairs(set.members) do
    if m.till < now or damaged then over[#over + 1] = name end
  end
  for _, name in ipairs(over) do retire(lane, bell, set, name) end
  return set
end

-- shareOf returns how many lanes a consumer is to have, and how many it has. As
-- many consumers have one more than the others as lanes are left when all have equally many.
local function shareOf(set, me)
  local counts, members, above = {}, 0, 0
  for name in pairs(set.members) do counts[name], members = 0, members + 1 end
  for _, l in pairs(set.lanes) do
    if counts[l.owner] then counts[l.owner] = counts[l.owner] + 1 end
  end
  local least = math.floor(set.count / members)
  for name, count in pairs(counts) do
    if name ~= me and count > least then above = above + 1 end
  end
  return above < set.count % members and least + 1 or least, counts[me]
end

-- excessOf returns how many lanes a consumer has too many, of those that may go.
local function excessOf(set, me, now, quota)
  local count, fixed = 0, 0
  for _, l in pairs(set.lanes) do
    if l.owner == me then
      count = count + 1
      if l.stay > now then fixed = fixed + 1 end
    end
  end
  return math.max(0, math.min(count - quota, count - fixed))
end

-- handOn has the lane of a declined delivery go to the next consumer that has declined none of it, once the owner
-- holds nothing more of it. It reports false where there is none: then the decline counts.
local function handOn(lane, bell, now, me, number)
  local set = laneSet(lane, bell, now)
  local l = set.lanes[number]
  if not l or l.owner ~= me then return false end
  if set.members[l.to] then return true end
  local declined, names, first, next = { [me] = true }, {}, nil, nil
  for name in l.declined:gmatch('%S+') do declined[name] = true end
  for name in pairs(set.members) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    if not declined[name] then
      first = first or name
      if name > me then next = next or name end
    end
  end
  next = next or first
  l.to, l.declined = next or '-', next and l.declined .. ' ' .. me or ''
  writeLane(lane, number, l)
  return next ~= nil
end

-- ownsLanes reports whether a consumer is still in an epoch, and renews its lease.
local function ownsLanes(lane, n, name, epoch)
  local now = millis(n)
  beginAnew(lane, n, now)
  local m = readMember(redis.call('HGET', lane, '@' .. name))
  if not m or m.epoch ~= epoch or m.till < now then return false end
  m.till = now + m.lease
  writeMember(lane, name, m)
  return true
end
