-- Stores messages for the organs that are bound to them, once.
-- KEYS: bind, tokens, seen, ids (bind where no message has one), n, targets, parks
-- ARGV: digest, call number, '1' to renew the token, process, routes, count, {id or '', message}
if stale(KEYS[1], arg()) then return 'STALE' end
local call, renew, process = num(), arg() == '1', arg()
local ids, n = KEYS[4], KEYS[5]
readRoutes(6)
if ids ~= KEYS[1] then typed(ids, 'zset') end
typed(n, 'hash')
if repeated(n, KEYS[2], KEYS[3], process, call, renew) then return 'OK' end

-- fresh remembers a caller's id for ten minutes, a million of them at most. It forgets some that are
-- older, as does who sweeps; they are never so many at once that others wait for it.
local function fresh(id)
  local now = millis(n)
  forgetIDs(ids, now, 8)
  local last = redis.call('ZSCORE', ids, id)
  if last and tonumber(last) > now - 600000 then return false end
  redis.call('ZADD', ids, now, id)
  redis.call('ZREMRANGEBYRANK', ids, 0, -1000001)
  if not redis.call('ZSCORE', ids, '') then redis.call('PEXPIRE', ids, 86400000) end
  return true
end

for _ = 1, num() do
  local id = arg()
  store(n, id == '' or fresh(id))
end
finish(n)
return 'OK'
