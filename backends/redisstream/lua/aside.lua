-- order=key: of deliveries that were read, sets aside those whose key is held by another one.
-- Returns '1' for each that was set aside, else '0'; and '!' at the end when there is something
-- new in the front stream: a key was let go since, and what waited for it comes first.
-- KEYS: q, part, first, hold, wait, n
-- ARGV: organ, deliveries: {stream, entry id, size, index, delivery id, key, origin or '', message}
local part, hold, wait = KEYS[2], KEYS[4], KEYS[5]
local streams = { KEYS[1], KEYS[3] }
local organ = arg()
local out = {}
for _ = 1, num() do
  local s, id, size, i, delivery, key, origin, bytes = num(), arg(), num(), num() + 1, arg(), arg(), arg(), arg()
  local holder = redis.call('HGET', hold, key)
  local behind = holder and holder ~= delivery
  if behind then
    local field = s == 1 and id or '+' .. id
    local pending = redis.pcall('XPENDING', streams[s], 'necro', id, id, 1)
    local marks = redis.call('HGET', part, field) or string.rep('.', size)
    if not pending.err and #pending == 1 and marks:sub(i, i) ~= '#' then
      if origin == '' then -- where it stands in the main stream, so that it keeps its place
        local ms, seq = id:match('(%d+)-(%d+)')
        origin = string.format('%013d-%010d-%02d', ms, seq, i)
      end
      redis.call('ZADD', wait, 0, struct.pack('>I4', #key) .. key .. origin .. bytes)
      marks = marks:sub(1, i - 1) .. '#' .. marks:sub(i + 1)
      if marks:find('[^#]') then
        redis.call('HSET', part, field, marks)
        redis.call('HINCRBY', KEYS[6], 'more ' .. organ, -1)
      else
        redis.call('XACK', streams[s], 'necro', id)
        redis.call('XDEL', streams[s], id)
        redis.call('HDEL', part, field)
      end
    end
  end
  out[#out + 1] = behind and '1' or '0'
end
local groups = redis.pcall('XINFO', 'GROUPS', streams[2])
for _, g in ipairs(groups.err and {} or groups) do
  for i = 1, #g, 2 do
    if g[i] == 'last-delivered-id' and #redis.call('XRANGE', streams[2], '(' .. g[i + 1], '+', 'COUNT', 1) > 0 then out[#out + 1] = '!' end
  end
end
return table.concat(out)
