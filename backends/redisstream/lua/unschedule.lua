-- Deletes a page of the scheduled deliveries of an organ that was removed. What is scheduled of others
-- is skipped, and nothing is looked at once all that the organ had is gone. Returns 'DONE', 'AGAIN' after a
-- pass that did not find all, or where the next page begins: a time, and the members to be skipped there.
-- KEYS: bind, n, due
-- ARGV: organ, time or '-inf', members to be skipped, members, bytes, '1' in the last pass: others that
--       left the schedule meanwhile may have let this one skip too many
local bind, n, due = KEYS[1], KEYS[2], KEYS[3]
local organ, from, skip, room, bytes, final = arg(), arg(), num(), num(), num(), arg() == '1'
local prefix, gone, done = organ .. '\0', 0, false
while room > 0 and bytes > 0 and not done do
  local some = redis.call('ZRANGEBYSCORE', due, from, '+inf', 'WITHSCORES', 'LIMIT', skip, 8)
  done = #some == 0
  for i = 1, #some, 2 do
    local member, at = some[i], some[i + 1]
    room, bytes = room - 1, bytes - #member
    if at ~= from then from, skip = at, 0 end
    if member:sub(1, #prefix) == prefix then gone = gone + redis.call('ZREM', due, member)
    else skip = skip + 1 end
  end
end
local left = redis.call('HINCRBY', n, 'due ' .. organ, 0 - gone) -- not -gone: a zero would be written -0
if left > 0 and not done then return { from, skip } end
if left > 0 and not final then return { 'AGAIN', 0 } end
redis.call('HDEL', n, 'due ' .. organ)
redis.call('HDEL', bind, 'removing ' .. organ)
digest(bind)
return { 'DONE', 0 }
