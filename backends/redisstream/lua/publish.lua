-- Stores messages for the organs that are bound to them, once.
-- KEYS: bind, token, ids, n, targets, parks
-- ARGV: digest, call number, '1' to renew the token, routes, count, {id or '', message}
if stale(KEYS[1], arg()) then return 'STALE' end
local call, renew = num(), arg() == '1'
readRoutes(5)
typed(KEYS[3], 'zset')
typed(KEYS[4], 'hash')
if repeated(KEYS[2], call, renew) then return 'OK' end

-- fresh remembers a caller's id for ten minutes, a million of them at most. It forgets some that are
-- older, as does who sweeps; they are never so many at once that others wait for it.
local function fresh(id)
  local now = millis()
  forgetIDs(KEYS[3], now, 8)
  local last = redis.call('ZSCORE', KEYS[3], id)
  if last and tonumber(last) > now - 600000 then return false end
  redis.call('ZADD', KEYS[3], now, id)
  redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1000001)
  redis.call('PEXPIRE', KEYS[3], 86400000)
  return true
end

for _ = 1, num() do
  local id = arg()
  store(KEYS[4], id == '' or fresh(id))
end
finish(KEYS[4])
return 'OK'
