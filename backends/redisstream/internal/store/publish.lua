-- Stores messages for the organs that are bound to them.
-- Guarantees: all of the messages or none are stored. A call that is repeated under the same number stores nothing,
--   nor does one of a smaller number than the last one of the process. Of messages with an id of the
--   caller's own one is stored in ten minutes.
-- Needs: one call of the process at a time. ids is the table of bindings where no message has an id. A row has one
--   message when it has an id; a negative count says that its bytes are an entry already.
-- Returns 'OK'; where messages with an id were there before '1' for each of them and '0' for each other one with an id; or
--   'STALE' when the table of bindings is another one.
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
local told = repeated(n, tokens, seen, process, number, renew)
if told then return told end

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

local answers, duplicates = {}, false
eachRow(function(id, route, count, bytes)
  local new = (id == '' or fresh(id)) and give(n, routes[route], count, bytes)
  if id ~= '' then answers[#answers + 1] = new and '0' or '1' end
  duplicates = duplicates or not new
end)
finish(n)
if not duplicates or #answers == 0 then return 'OK' end
local answer = table.concat(answers)
redis.call('HSET', tokens, process, string.format('%.0f %s', number, answer)) -- for a repetition of this call
return answer
