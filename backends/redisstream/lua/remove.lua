-- Forgets an organ. Returns 'OK', or how many consumers it has.
-- KEYS: bind, n, pause, live, due, keys of the organ
-- ARGV: organ
local bind, n, pause, live, due = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local organ = arg()
local alive = 0
for _, member in ipairs(redis.call('ZRANGEBYSCORE', live, '(' .. millis(), '+inf')) do
  if member:match('^%S+') == organ then alive = alive + 1 end
end
if alive > 0 then return alive end
for i = 6, #KEYS do redis.call('DEL', KEYS[i]) end
for _, member in ipairs(redis.call('ZRANGE', due, 0, -1)) do
  if member:sub(1, #organ + 1) == organ .. '\0' then redis.call('ZREM', due, member) end
end
redis.call('HDEL', n, 'more ' .. organ, 'due ' .. organ, 'deadbytes ' .. organ)
redis.call('HDEL', pause, organ, organ .. '!')
local all = redis.call('HGETALL', bind)
for i = 1, #all, 2 do
  if all[i]:sub(1, 6) == 'event ' then
    local names = without(all[i + 1], organ)
    if names == '' then redis.call('HDEL', bind, all[i]) else redis.call('HSET', bind, all[i], names) end
  end
end
redis.call('HDEL', bind, 'organ ' .. organ)
digest(bind)
return 'OK'
