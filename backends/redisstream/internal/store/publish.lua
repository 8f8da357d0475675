-- Stores messages for the organs that are bound to them.
-- Guarantees: all of the messages or none are stored. A call that is repeated under the same number stores nothing,
--   nor does one of a smaller number than the last one of the process. Of messages with an id of the
--   caller's own one is stored in ten minutes.
-- Needs: one call of the process at a time. ids is the table of bindings where no message has an id. A row has one
--   message when it has an id; a negative count says that its bytes are an entry already.
-- Returns 'OK', or 'STALE' when the table of bindings is another one.
local bind, tokens, seen, ids, n = key(), key(), key(), key(), key()
local known, number, renew, process = arg(), num(), flag(), arg()
readRoutes()
-- eachRow reads the rows one after the other: they may be a thousand.
local function eachRow(visit)
  for _ = 1, num() do visit(arg(), num(), num(), arg()) end
end
-- The step.
if stale(bind, known) then return 'STALE' end
if ids ~= bind then typed(ids, 'zset') end
typed(n, 'hash')
if repeated(n, tokens, seen, process, number, renew) then return 'OK' end

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

eachRow(function(id, route, count, bytes)
  if id == '' or fresh(id) then give(n, routes[route], count, bytes) end
end)
finish(n)
return 'OK'
