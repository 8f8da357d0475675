-- Lists delayed events behind a place, in the order in which they are due.
-- Guarantees: what it costs depends on what it lists, and not on how many events there are: the place is found by
--   halving, whether or not its event is still there.
-- Needs: the place is a time and a member. whole leaves out all members of that time.
-- Returns how many milliseconds the server's clock is behind that of the partition, whether there may be more, and a row
--   for each event: its time, its member, and what is kept of it.
local keys = { n = key(), later = key(), held = key() }
local request = { time = num(), member = arg(), whole = flag(), limit = num(), bytes = num() }

-- follows compares as sorted sets do, byte by byte. The operators of Lua go by the locale.
local function follows(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then return x > y end
  end
  return #a > #b
end

-- isBehind says that a member with a time is behind the place of the request.
local function isBehind(time, member)
  if time ~= request.time then return time > request.time end
  return not request.whole and follows(member, request.member)
end

-- The step.
local low, high = 0, redis.call('ZCARD', keys.later)
while low < high do
  local middle = math.floor((low + high) / 2)
  local at = redis.call('ZRANGE', keys.later, middle, middle, 'WITHSCORES')
  if isBehind(tonumber(at[2]), at[1]) then high = middle else low = middle + 1 end
end
local some = redis.call('ZRANGE', keys.later, low, low + request.limit - 1, 'WITHSCORES')
local rows, bytes, more = {}, request.bytes, #some == 2 * request.limit
for i = 1, #some, 2 do
  local member, time = some[i], some[i + 1]
  if time == 'inf' then more = false break end -- the anchor
  local kept = redis.call('HGET', keys.held, member:sub(-16)) or ''
  rows[#rows + 1] = { time, member, kept }
  bytes = bytes - #member - #kept
  if bytes <= 0 then more = true break end
end
local _, _, behind = clock(keys.n)
return { behind, more and 1 or 0, rows }
