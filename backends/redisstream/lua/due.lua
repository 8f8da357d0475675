-- What is due, and in how many milliseconds the next one is (0: there is more now, -1: none).
-- KEYS: due, sweep
-- ARGV: limit, bytes, owner or '' (of the sweep, which one process does at a time), lease
local limit, bytes, owner, lease = num(), num(), arg(), num()
if owner ~= '' then
  local is = redis.call('GET', KEYS[2])
  if is and is ~= owner then return { -1 } end
  redis.call('SET', KEYS[2], owner, 'PX', lease)
end
local now = millis()
local reply, size = { 0 }, 0
while true do -- a few at a time: each may have megabytes
  local some = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', #reply - 1, 4)
  for _, member in ipairs(some) do
    size = size + #member
    if #reply > limit or size > bytes and #reply > 1 then return reply end
    reply[#reply + 1] = member
  end
  if #some < 4 then break end
end
local following = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
reply[1] = following[2] and following[2] - now or -1
return reply
