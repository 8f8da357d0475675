-- Moves what is due to the streams of its organs; whoever removes a member stores it.
-- KEYS: bind, n, due, targets
-- ARGV: digest, routes, count, {organ, member, message}
if stale(KEYS[1], arg()) then return 'STALE' end
local n, due = KEYS[2], KEYS[3]
readRoutes(4)
for _ = 1, num() do
  local organ, member = arg(), arg()
  local ours = redis.call('ZREM', due, member) == 1
  if ours then redis.call('HINCRBY', n, 'due ' .. organ, -1) end
  store(n, ours)
end
finish(n)
return 'OK'
