-- order=key: of deliveries that were read, sets aside those whose key is held by another one, until
-- claim moves them to the front stream. A key that was let go (its holder is '~') still holds back
-- what is in the main stream, because what waits for it comes first.
-- Returns '1' for each delivery that was set aside, else '0'.
-- Returns 'STALE' when the organ is not bound in that mode any more: nothing would let them go.
-- KEYS: q, part, first, hold, wait, n, bind
-- ARGV: mode, organ, entries: {stream, entry id, size, origin or '', deliveries: {index, delivery id, key,
--       place of its message in the entry, its size}}
local part, hold, wait = KEYS[2], KEYS[4], KEYS[5]
local streams = { KEYS[1], KEYS[3] }
local mode, organ = arg(), arg()
if rebound(KEYS[7], organ, mode) then return 'STALE' end
local out = {}

-- setAside moves messages of an entry; the entry goes with its last one.
local function setAside(s, id, size, origin, moved)
  local pending = redis.pcall('XPENDING', streams[s], 'necro', id, id, 1)
  local entry = not pending.err and #pending == 1 and redis.call('XRANGE', streams[s], id, id)[1]
  if not entry then return end
  local field = s == 1 and id or '+' .. id
  takeOut(KEYS[6], organ, streams[s], part, field, id, size, moved, function(m)
    local stood = origin
    if stood == '' then -- where it stands in the main stream, so that it keeps its place
      local ms, seq = id:match('(%d+)-(%d+)')
      stood = string.format('%013d-%010d-%02d', ms, seq, m.i)
    end
    redis.call('ZADD', wait, 0, waitFor(m.key) .. stood .. entry[2][2]:sub(m.at + 1, m.at + m.length))
  end)
end

for _ = 1, num() do
  local s, id, size, origin = num(), arg(), num(), arg()
  local list, keys, moved = {}, {}, {}
  for i = 1, num() do
    list[i] = { i = num() + 1, delivery = arg(), key = arg(), at = num(), length = num() }
    keys[i] = list[i].key
  end
  local holders = redis.call('HMGET', hold, unpack(keys))
  for i, m in ipairs(list) do
    local holder = holders[i]
    local behind = holder and holder ~= m.delivery and not (holder == letGoMark and s == 2)
    if behind then moved[#moved + 1] = m end
    out[#out + 1] = behind and '1' or '0'
  end
  if #moved > 0 then setAside(s, id, size, origin, moved) end
end
return table.concat(out)
