-- What the scripts share that change how an organ is bound. Its mode is its order, with a slash and a number
-- behind it when it has lanes, or a '!' when it is exclusive.

-- organKeys reads the keys of an organ: q, part, dead, deadid, first, hold, wait, own, lane, bell.
local function organKeys()
  local keys = {}
  for i = 1, 10 do keys[i] = key() end
  return keys
end

-- wanted reports whether another living process wants an organ to stay in its mode. A process that
-- does not tell what it wants (an earlier version of this package) wants what is bound.
local function wanted(n, live, organ, mode, process)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', live, '(' .. millis(n), '+inf')) do
    local name, other, want = member:match('^(%S+) (%S+) ?(%S*)')
    if name == organ and other ~= process and (want == '' or want == mode) then return true end
  end
  return false
end

-- kindOf is an order without its number of lanes.
local function kindOf(order) return order:match('^[^/]+') end

-- change gives an organ another mode. Holds of the former order are forgotten at once, because no
-- delivery would let them go; what waits in front of the queue or for its key is moved by turn.lua,
-- page by page, once nobody owns lanes any more that the organ had. keys are those of the organ.
local function change(bind, organ, keys, before, order, exclusive)
  local q, first, hold, wait, lane = keys[1], keys[5], keys[6], keys[7], keys[9]
  if order ~= before then
    if kindOf(order) ~= kindOf(before) then redis.call('UNLINK', hold) end
    if order ~= '-' then redis.pcall('XGROUP', 'CREATE', first, 'necro', '0', 'MKSTREAM') end
    local lanes = order == kindOf(order) and fields(lane) > 0
    if lanes or members(wait) > 0 or order == '-' and redis.call('EXISTS', first) == 1 and redis.call('XLEN', first) > 0 then
      redis.call('HSET', bind, 'turn ' .. organ, 1)
    end
    local row = redis.call('HGET', bind, 'organ ' .. organ)
    redis.call('HSET', bind, 'organ ' .. organ, (row:gsub('%S+$', order)))
  end
  redis.call('HSET', bind, 'exclusive ' .. organ, exclusive)
end
