-- Renews leases, of what is still ours only. Returns '1' or '0' for each entry.
-- KEYS: own, q, part, first
-- ARGV: consumer, owner or '' (exclusive), lease, entries: {stream, id, size, marks: {index}}
local own, part = KEYS[1], KEYS[3]
local streams = { KEYS[2], KEYS[4] }
local me, owner, lease = arg(), arg(), num()
local owns = ownership(own, owner, lease)
local started = { ['.'] = 'A', ['1'] = 'B', ['2'] = 'C', ['3'] = 'D', ['4'] = 'E' }
local released = 1e11 -- ms idle: a release of it overtook this call
local out = {}
for _ = 1, num() do
  local s, id, size = num(), arg(), num()
  local pending = owns(streams[s], id) and redis.pcall('XPENDING', streams[s], 'necro', id, id, 1)
  local held = pending and not pending.err and pending[1] and pending[1][2] == me and pending[1][3] < released
  if held then redis.call('XCLAIM', streams[s], 'necro', me, 0, id, 'JUSTID') end
  out[#out + 1] = held and '1' or '0'
  local field = s == 1 and id or '+' .. id
  local count = num()
  local marks = count > 0 and (redis.call('HGET', part, field) or string.rep('.', size))
  for _ = 1, count do
    local i = num() + 1
    local mark = started[marks:sub(i, i)]
    if held and mark then marks = marks:sub(1, i - 1) .. mark .. marks:sub(i + 1) end
  end
  if count > 0 and held then redis.call('HSET', part, field, marks) end
end
return table.concat(out)
