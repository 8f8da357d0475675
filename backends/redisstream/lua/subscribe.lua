-- Binds all organs of a spine in one step: streams and groups, the table, what was parked.
-- Returns 'OK', or the organ and the package that has its name already.
-- KEYS: bind, n, pause, live, due; of each organ, then of each former name: q, part, dead, deadid,
--       first, hold, wait, own; of each event: park, given
-- ARGV: live for (milliseconds), consumer, former names, events,
--       organs: {name, path, pack, order, former names: {index}, events: {index}}
local bind, n, pause, live, due = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
for i = 1, 5 do typed(KEYS[i], i >= 4 and 'zset' or 'hash') end
local expiry, consumer = millis() + num(), arg()
local former, events, organs = {}, {}, {}
for i = 1, num() do former[i] = { name = arg() } end
for i = 1, num() do events[i] = { name = arg() } end
for i = 1, num() do
  local o = { name = arg(), path = arg(), limit = num(), order = arg(), former = {}, events = {} }
  for j = 1, num() do o.former[j] = former[num()] end
  for j = 1, num() do o.events[j] = events[num()] end
  organs[i] = o
end
local next = 6
local function keys(list, count)
  for _, item in ipairs(list) do
    item.keys = {}
    for i = 1, count do item.keys[i] = KEYS[next]; next = next + 1 end
  end
end
keys(organs, 8)
keys(former, 8)
keys(events, 2)
local types = { 'stream', 'hash', 'stream', 'hash', 'stream', 'hash', 'zset', 'string' }
for _, list in ipairs({ organs, former }) do
  for _, item in ipairs(list) do
    for i, key in ipairs(item.keys) do typed(key, types[i]) end
  end
end
for _, e in ipairs(events) do
  for _, key in ipairs(e.keys) do typed(key, 'stream') end
end

for _, o in ipairs(organs) do
  o.bound = redis.call('HGET', bind, 'organ ' .. o.name)
  for _, f in ipairs(o.former) do
    if not o.bound and not o.old then
      o.old = redis.call('HGET', bind, 'organ ' .. f.name) and f
    end
  end
  local known = o.bound or o.old and redis.call('HGET', bind, 'organ ' .. o.old.name)
  local path = known and known:match('^%S+')
  if path and path ~= o.path then return { o.name, path } end
end

-- rename gives an organ what is stored under its former name.
local function rename(o)
  local old = o.old.name
  for i, key in ipairs(o.old.keys) do
    if redis.call('EXISTS', key) == 1 then redis.call('RENAME', key, o.keys[i]) end
  end
  redis.call('DEL', o.keys[8])
  for _, member in ipairs(redis.call('ZRANGE', due, 0, -1)) do
    if member:sub(1, #old + 1) == old .. '\0' then
      local at = redis.call('ZSCORE', due, member)
      redis.call('ZREM', due, member)
      redis.call('ZADD', due, at, o.name .. member:sub(#old + 1))
    end
  end
  for _, field in ipairs({ 'more ', 'due ', 'deadbytes ' }) do
    local value = redis.call('HGET', n, field .. old)
    if value then redis.call('HSET', n, field .. o.name, value) end
    redis.call('HDEL', n, field .. old)
  end
  for _, suffix in ipairs({ '', '!' }) do
    local value = redis.call('HGET', pause, old .. suffix)
    if value then redis.call('HSET', pause, o.name .. suffix, value) end
    redis.call('HDEL', pause, old .. suffix)
  end
  redis.call('HDEL', bind, 'organ ' .. old)
  local all = redis.call('HGETALL', bind)
  for i = 1, #all, 2 do
    if all[i]:sub(1, 6) == 'event ' and (' ' .. all[i + 1] .. ' '):find(' ' .. old .. ' ', 1, true) then
      local names = without(all[i + 1], old)
      redis.call('HSET', bind, all[i], names == '' and o.name or names .. ' ' .. o.name)
    end
  end
end

-- reorder gives free what an order other than the organ's own has left: nobody would look
-- there any more.
local function reorder(o)
  local q, part, first, hold, wait = o.keys[1], o.keys[2], o.keys[5], o.keys[6], o.keys[7]
  local held = redis.call('HGETALL', hold)
  for i = 1, #held, 2 do -- strict: {delivery, 1}; key: {key, delivery}
    local order = held[i + 1] == '1' and 'strict' or 'key'
    if order ~= o.order then redis.call('HDEL', hold, held[i]) end
  end
  if o.order == 'key' then return end
  repeat
    local waiting = redis.call('ZRANGE', wait, 0, 499)
    for _, member in ipairs(waiting) do
      if member:byte() == 255 then break end -- keys that were let go: of messages there are none left
      local at = 4 + struct.unpack('>I4', member)
      redis.call('XADD', o.order == '-' and q or first, '*', 'm', string.char(0x91) .. member:sub(at + 28), 'origin', member:sub(at + 1, at + 27))
      redis.call('ZREM', wait, member)
    end
    waiting = redis.call('ZRANGE', wait, 0, 0)
  until #waiting == 0 or waiting[1]:byte() == 255
  redis.call('DEL', wait)
  if o.order == 'strict' then return end
  repeat
    local entries = redis.call('XRANGE', first, '-', '+', 'COUNT', 500)
    for _, e in ipairs(entries) do
      redis.call('XADD', q, '*', 'm', e[2][2])
      redis.call('XACK', first, 'necro', e[1])
      redis.call('XDEL', first, e[1])
      redis.call('HDEL', part, '+' .. e[1])
    end
  until #entries == 0
end

for _, o in ipairs(organs) do
  if o.old then rename(o) end
  reorder(o)
  redis.pcall('XGROUP', 'CREATE', o.keys[1], 'necro', '0', 'MKSTREAM')
  if o.order ~= '-' then redis.pcall('XGROUP', 'CREATE', o.keys[5], 'necro', '0', 'MKSTREAM') end
  redis.call('HSET', bind, 'organ ' .. o.name, o.path .. ' ' .. o.limit .. ' ' .. o.order)
  redis.call('ZADD', live, expiry, o.name .. ' ' .. consumer)
  local t = { stream = o.keys[1], marks = o.keys[2], organ = o.name, limit = o.limit, parts = {}, count = 0, size = 0, more = 0 }
  targets[#targets + 1] = t
  local parked = {}
  for _, e in ipairs(o.events) do
    local names = redis.call('HGET', bind, 'event ' .. e.name) or ''
    if not (' ' .. names .. ' '):find(' ' .. o.name .. ' ', 1, true) then
      redis.call('HSET', bind, 'event ' .. e.name, names == '' and o.name or names .. ' ' .. o.name)
      e.bound = true
      for _, key in ipairs(e.keys) do
        for _, entry in ipairs(redis.call('XRANGE', key, '-', '+')) do
          parked[#parked + 1] = { tonumber(entry[2][4]), entry[2][2]:sub(2) }
        end
      end
    end
  end
  table.sort(parked, function(a, b) return a[1] < b[1] end)
  for _, p in ipairs(parked) do append(t, 1, p[2]) end
end
finish(n)
-- What was handed over stays for a minute, for organs that come a little later.
for _, e in ipairs(events) do
  if e.bound and redis.call('EXISTS', e.keys[1]) == 1 then
    redis.call('RENAME', e.keys[1], e.keys[2])
    redis.call('PEXPIRE', e.keys[2], 60000)
    redis.call('HDEL', n, 'parked ' .. e.name, 'parkbytes ' .. e.name)
  end
end
digest(bind)
return { 'OK' }
