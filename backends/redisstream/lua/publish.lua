-- Stores messages for the organs that are bound to them, once.
-- KEYS: bind, token, ids, n, targets, parks
-- ARGV: digest, call number, routes, count, {id or '', message}
if stale(KEYS[1], arg()) then return 'STALE' end
local call = num()
readRoutes(5)
typed(KEYS[3], 'zset')
typed(KEYS[4], 'hash')
-- The token holds the number of the last call that its publisher made on it: an equal one
-- is a repetition, a smaller one comes too late.
local last = tonumber(redis.call('GET', KEYS[2]) or -1)
if call <= last then return 'OK' end
redis.call('SET', KEYS[2], call, 'PX', 120000)

-- fresh remembers a caller's id for ten minutes, a million of them at most.
local function fresh(id)
  local now = millis()
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - 600000)
  if redis.call('ZADD', KEYS[3], 'NX', now, id) == 0 then return false end
  redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1000001)
  redis.call('PEXPIRE', KEYS[3], 600000)
  return true
end

for _ = 1, num() do
  local id = arg()
  store(KEYS[4], id == '' or fresh(id))
end
finish(KEYS[4])
return 'OK'
