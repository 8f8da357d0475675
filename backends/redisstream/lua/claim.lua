-- Looks after an organ before it reads on: is it paused, who owns it, what waits to be
-- taken over. Returns the state, and entries {stream, id, deliveries, marks, pack, origin}.
-- KEYS: pause, own, q, part, first, hold
-- ARGV: organ, consumer, owner or '' (exclusive), lease, order, limit, recover ('1': also what
--       this consumer holds already)
local pause, own, part, hold = KEYS[1], KEYS[2], KEYS[4], KEYS[6]
local streams = { KEYS[3], KEYS[5] }
local organ, me, owner, lease, order, limit, recover = arg(), arg(), arg(), num(), arg(), num(), arg() == '1'
if redis.call('HEXISTS', pause, organ) == 1 or redis.call('HEXISTS', pause, organ .. '!') == 1 then return { 'paused' } end
if owner ~= '' then
  local is = redis.call('GET', own)
  if is and is ~= owner then return { 'owned' } end
  redis.call('SET', own, owner, 'PX', lease)
end
local state = 'open'
local from = order == '' and 1 or 2
local to = 1
if order ~= '' and redis.call('HLEN', hold) > 0 then
  if order == 'strict' then state, to = 'held', 2 else state = 'keys' end
end
local out = { state }

-- started turns the mark of a delivery that did not come back into a crash.
local crashes = { A = '1', B = '2', C = '3', D = '3' }

local function take(s, id, deliveries)
  local entry = redis.call('XCLAIM', streams[s], 'necro', me, 0, id)[1]
  if not entry or not entry[2] then return end
  local field = s == 1 and id or '+' .. id
  local marks = redis.call('HGET', part, field) or ''
  local after = marks:gsub('[A-D]', crashes)
  if after ~= marks then redis.call('HSET', part, field, after) end
  table.insert(out, { s, id, deliveries + 1, after, entry[2][2], entry[2][4] or '' })
end

for s = from, to, -1 do
  if recover then
    for _, p in ipairs(redis.call('XPENDING', streams[s], 'necro', '-', '+', 1000, me)) do
      local entry = p[3] < lease and redis.call('XRANGE', streams[s], p[1], p[1])[1]
      if entry then
        local marks = redis.call('HGET', part, s == 1 and p[1] or '+' .. p[1]) or ''
        table.insert(out, { s, p[1], p[4], marks, entry[2][2], entry[2][4] or '' })
      end
    end
  end
  if owner == '' then
    for _, p in ipairs(redis.call('XPENDING', streams[s], 'necro', 'IDLE', lease, '-', '+', limit)) do take(s, p[1], p[4]) end
  else -- whoever held something before is not the owner any more
    local start = '-'
    repeat
      local page = redis.call('XPENDING', streams[s], 'necro', start, '+', 100)
      for _, p in ipairs(page) do
        if #out <= limit and (p[2] ~= me or p[3] >= lease) then take(s, p[1], p[4]) end
        start = '(' .. p[1]
      end
    until #page < 100 or #out > limit
  end
end
return out
