-- Moves what is due to the streams of its organs: of organs that the caller names, as much as goes in
-- one step. Whoever removes a member stores it. Returns in how many milliseconds the next one is due
-- (0: there is something now, -1: none).
-- KEYS: bind, n, due, targets
-- ARGV: digest, routes, limit, bytes, organs: {name, route}
if stale(KEYS[1], arg()) then return 'STALE' end
local n, due = KEYS[2], KEYS[3]
readRoutes(4)
local limit, bytes, to = num(), num(), {}
for _ = 1, num() do
  local organ = arg()
  to[organ] = routes[num()]
end
local now, moved = millis(n), {}
eachDue(due, now, limit, bytes, function(organ, member)
  local route = to[organ]
  if not route then return true end
  redis.call('ZREM', due, member)
  moved[organ] = (moved[organ] or 0) + 1
  give(n, route, 1, member:sub(#organ + 18))
end)
for organ, count in pairs(moved) do redis.call('HINCRBY', n, 'due ' .. organ, -count) end
finish(n)
local following = redis.call('ZRANGEBYSCORE', due, '-inf', '(+inf', 'WITHSCORES', 'LIMIT', 0, 1)
return following[2] and math.max(0, following[2] - now) or -1
