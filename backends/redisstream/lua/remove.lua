-- Forgets an organ, but for its scheduled deliveries, which unschedule.lua deletes before the organ is
-- bound again. Returns 'OK', or how many consumers it has.
-- KEYS: bind, n, pause, live, keys of the organ (8); of each of its events: park, took
-- ARGV: digest, organ, rows of the table to be deleted: {row}, events: {name}
local bind, n, pause, live = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
if stale(bind, arg()) then return 'STALE' end
local organ = arg()
local alive = 0
for _, member in ipairs(redis.call('ZRANGEBYSCORE', live, '(' .. millis(n), '+inf')) do
  if member:match('^%S+') == organ then alive = alive + 1 end
end
if alive > 0 then return alive end
for i = 5, 12 do redis.call('UNLINK', KEYS[i]) end
if redis.call('HINCRBY', n, 'due ' .. organ, 0) > 0 then redis.call('HSET', bind, 'removing ' .. organ, 1)
else redis.call('HDEL', n, 'due ' .. organ) end
redis.call('HDEL', n, 'more ' .. organ, 'deadbytes ' .. organ, 'leases ' .. organ, 'renewing ' .. organ)
redis.call('HDEL', pause, organ, organ .. '!')
for _ = 1, num() do redis.call('HDEL', bind, arg()) end
for i = 1, num() do
  local event, park, took = arg(), KEYS[11 + 2 * i], KEYS[12 + 2 * i]
  local function leave(row)
    local names = without(redis.call('HGET', bind, row), organ)
    if names == '' then redis.call('HDEL', bind, row) else redis.call('HSET', bind, row, names) end
    return names == ''
  end
  local draining = redis.call('HEXISTS', bind, 'drain ' .. event) == 1
  if leave('event ' .. event) and not draining then
    redis.call('UNLINK', park, took) -- all of it was handed over: what comes next is another park
  end
  leave('drain ' .. event)
end
digest(bind)
return 'OK'
