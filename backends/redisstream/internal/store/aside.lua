-- Sets aside deliveries of an organ with order by key whose key another delivery holds.
-- Guarantees: such a message leaves its entry and waits for its key, in stored order, until claim moves it to
--   the front stream. A key that was let go (its holder is '~') still holds back what is in the main stream,
--   because what waits for it comes first.
-- Needs: the organ is bound in that mode, or nothing would let them go. At most 64 deliveries of an entry.
-- Returns '1' for each delivery that was set aside, else '0'; 'STALE' when another mode is bound.
local keys = { q = key(), part = key(), first = key(), hold = key(), wait = key(), n = key(), bind = key() }
local request = {
  mode = arg(), organ = arg(),
  entries = list(function()
    return {
      stream = num(), id = arg(), size = num(), origin = arg(), -- origin: where its message stood once, or ''
      deliveries = list(function() -- at and length: the place of the message in the bytes of the entry
        return { index = num(), id = arg(), key = arg(), at = num(), length = num() }
      end),
    }
  end),
}
-- The step.
local part, hold, wait = keys.part, keys.hold, keys.wait
local streams = { keys.q, keys.first }
local mode, organ = request.mode, request.organ
if rebound(keys.bind, organ, mode) then return 'STALE' end
local out = {}

-- setAside moves messages of an entry; the entry goes with its last one.
local function setAside(s, id, size, origin, moved)
  local pending = redis.pcall('XPENDING', streams[s], 'necro', id, id, 1)
  local entry = not pending.err and #pending == 1 and redis.call('XRANGE', streams[s], id, id)[1]
  if not entry then return end
  local field = s == 1 and id or '+' .. id
  takeOut(keys.n, organ, streams[s], part, field, id, size, moved, function(m)
    local stood = origin
    if stood == '' then -- where it stands in the main stream, so that it keeps its place
      local ms, seq = id:match('(%d+)-(%d+)')
      stood = string.format('%013d-%010d-%02d', ms, seq, m.i)
    end
    redis.call('ZADD', wait, 0, waitFor(m.key) .. stood .. entry[2][2]:sub(m.at + 1, m.at + m.length))
  end)
end

for _, entry in ipairs(request.entries) do
  local s, names, moved = entry.stream, {}, {}
  for i, m in ipairs(entry.deliveries) do
    m.i = m.index + 1
    names[i] = m.key
  end
  local holders = redis.call('HMGET', hold, unpack(names))
  for i, m in ipairs(entry.deliveries) do
    local holder = holders[i]
    local behind = holder and holder ~= m.id and not (holder == letGoMark and s == 2)
    if behind then moved[#moved + 1] = m end
    out[#out + 1] = behind and '1' or '0'
  end
  if #moved > 0 then setAside(s, entry.id, entry.size, entry.origin, moved) end
end
return table.concat(out)
