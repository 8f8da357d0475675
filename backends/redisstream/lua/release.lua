-- Hands entries back: whoever looks next may claim them, and nobody is suspected.
-- KEYS: q, part, first
-- ARGV: consumer, entries: {stream, id, whole ('1' or '0'), marks: {index}}
local part = KEYS[2]
local streams = { KEYS[1], KEYS[3] }
local me = arg()
local before = { A = '.', B = '1', C = '2', D = '3', E = '4' }
for _ = 1, num() do
  local s, id, whole, count = num(), arg(), arg() == '1', num()
  local pending = redis.pcall('XPENDING', streams[s], 'necro', id, id, 1)
  local held = not pending.err and pending[1] and pending[1][2] == me
  local field = s == 1 and id or '+' .. id
  local marks = count > 0 and redis.call('HGET', part, field)
  for _ = 1, count do
    local i = num() + 1
    local mark = marks and before[marks:sub(i, i)]
    if mark then marks = marks:sub(1, i - 1) .. mark .. marks:sub(i + 1) end
  end
  if marks and held then redis.call('HSET', part, field, marks) end
  if held and whole then
    redis.call('XCLAIM', streams[s], 'necro', me, 0, id, 'IDLE', 1000000000000, 'RETRYCOUNT', math.max(pending[1][4] - 1, 0), 'JUSTID')
  end
end
return 'OK'
