-- What is due, and in how many milliseconds the next one is (-1: none).
-- KEYS: due, sweep
-- ARGV: limit, owner or '' (of the sweep, which one process does at a time), lease
local limit, owner, lease = num(), arg(), num()
if owner ~= '' then
  local is = redis.call('GET', KEYS[2])
  if is and is ~= owner then return { -1 } end
  redis.call('SET', KEYS[2], owner, 'PX', lease)
end
local now = millis()
local members = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, limit)
local following = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local wait = -1
if #members == limit then wait = 0 elseif following[2] then wait = following[2] - now end
table.insert(members, 1, wait)
return members
