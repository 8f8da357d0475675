-- Which organs have something due among the first that are, and in how many milliseconds the next
-- one is (0: there is something now, -1: none).
-- KEYS: due, n
-- ARGV: limit, bytes, owner or '' (of the sweep, which one process does at a time), lease
local limit, bytes, owner, lease = num(), num(), arg(), num()
local now = millis(KEYS[2])
if owner ~= '' then
  local is, expires = sweeper(KEYS[2])
  if is and is ~= owner and expires > now then return { -1 } end
  redis.call('HSET', KEYS[2], 'sweep', owner .. ' ' .. string.format('%d', now + lease))
end
local reply, seen = { 0 }, {}
eachDue(KEYS[1], now, limit, bytes, function(organ)
  if not seen[organ] then reply[#reply + 1] = organ end
  seen[organ] = true
  return true
end)
if #reply == 1 then
  local following = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '(+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  reply[1] = following[2] and following[2] - now or -1
end
return reply
