-- Moves a page of what a former order of an organ has left behind to where the bound order looks for it:
-- what waits for its key (any order but key), and what stands in the front stream (no order). Before that it frees what
-- owners of lanes have read, when nobody owns lanes any more.
-- Guarantees: a message moves in one step with its place. What a process holds in the front stream is left to
--   it until it is settled, or its lease has run out.
-- Needs: nothing; where no former order has left anything it does nothing.
-- Returns 'DONE', 'MORE', or 'HELD' when all that is left is held.
local keys = { bind = key(), q = key(), part = key(), first = key(), wait = key(), lane = key(), bell = key(), n = key() }
local request = { organ = arg(), consumer = arg(), lease = num(), messages = num(), bytes = num() }
-- The step.
local bind, q, part, first, wait = keys.bind, keys.q, keys.part, keys.first, keys.wait
local organ, process, lease = request.organ, request.consumer, request.lease
local room, bytes = request.messages, request.bytes
local row = redis.call('HGET', bind, 'organ ' .. organ)
if not row or redis.call('HEXISTS', bind, 'turn ' .. organ) == 0 then return 'DONE' end
local order = row:match('%S+$')

-- full reports whether the page holds as much as it may, once a message of some size is added.
local function full(size)
  room, bytes = room - 1, bytes - size
  return room <= 0 or bytes <= 0
end

-- endLanes frees the entries that owners of lanes have read, as if nobody had.
local function endLanes()
  local lane = keys.lane
  if order:find('/', 1, true) or fields(lane) == 0 then return 'DONE' end
  if next(laneSet(lane, keys.bell, millis(keys.n)).members) then return 'HELD' end
  for _, stream in ipairs({ q, first }) do
    local start = '-'
    while true do
      local page = redis.pcall('XPENDING', stream, 'necro', 'IDLE', 0, start, '+', 100, laneReader)
      if page.err or #page == 0 then break end
      for _, p in ipairs(page) do
        if p[3] < 100000000000 then
          redis.call('XCLAIM', stream, 'necro', laneReader, 0, p[1], 'IDLE', 1000000000000, 'RETRYCOUNT', 0, 'JUSTID')
          if full(0) then return 'MORE' end
        end
        start = '(' .. p[1]
      end
    end
  end
  for _, field in ipairs(redis.call('HKEYS', lane)) do
    if field ~= '' then redis.call('HDEL', lane, field) end
  end
  return 'DONE'
end

local function moveWaiting()
  while true do
    local waiting = redis.call('ZRANGEBYLEX', wait, '(', '+', 'LIMIT', 0, 16)
    if #waiting == 0 then return 'DONE' end
    for _, member in ipairs(waiting) do
      if member:byte() ~= 255 then -- else it stands for a key that was let go
        local origin, message = readWaiting(member)
        local entry = string.char(0x91) .. message
        if order == '-' then
          redis.call('XADD', q, '*', 'm', entry)
        else
          redis.call('XADD', first, '*', 'm', entry, 'origin', origin)
        end
      end
      redis.call('ZREM', wait, member)
      if full(#member) then return 'MORE' end
    end
  end
end

local function moveEntry(id, entry)
  redis.call('XADD', q, '*', 'm', entry)
  redis.call('XACK', first, 'necro', id)
  redis.call('XDEL', first, id)
  redis.call('HDEL', part, '+' .. id)
  return full(#entry)
end

local function moveFront()
  redis.pcall('XGROUP', 'CREATE', first, 'necro', '0', 'MKSTREAM')
  while true do -- entries that were handed back, or whose leases ran out
    local free = redis.call('XPENDING', first, 'necro', 'IDLE', lease, '-', '+', 16)
    if #free == 0 then break end
    for _, p in ipairs(free) do
      local e = redis.call('XRANGE', first, p[1], p[1])[1]
      if not e then redis.call('XACK', first, 'necro', p[1])
      elseif moveEntry(p[1], e[2][2]) then return 'MORE' end
    end
  end
  while true do
    local new = redis.call('XREADGROUP', 'GROUP', 'necro', process, 'COUNT', 16, 'STREAMS', first, '>')
    if not new then break end
    local over = false
    for _, e in ipairs(new[1][2]) do over = moveEntry(e[1], e[2][2]) or over end
    if over then return 'MORE' end
  end
  return redis.call('XLEN', first) == 0 and 'DONE' or 'HELD'
end

local state = endLanes()
if state == 'DONE' and order:match('^[^/]+') ~= 'key' then state = moveWaiting() end
if state == 'DONE' and order == '-' then state = moveFront() end
if state == 'DONE' then
  redis.call('HDEL', bind, 'turn ' .. organ)
  digest(bind)
end
return state
