-- Moves what is due to the streams of its organs: of organs that the caller names, as much as goes in one step.
-- Guarantees: a member of the schedule is stored in the step that removes it.
-- Needs: a route for each organ; that of an organ which is not bound leads nowhere. Delayed events stand among the organs,
--   by their names with "!" in front.
-- Returns in how many milliseconds the next member is due (0: there is something now, -1: none), or 'STALE'
--   when the table of bindings is another one.
local keys = { bind = key(), n = key(), due = key(), later = key(), ids = key(), uniq = key(), byEnd = key() }
local known = arg()
readRoutes()
local request = {
  digest = known, limit = num(), bytes = num(),
  organs = list(function() return { name = arg(), route = num() } end),
}
-- The step.
if stale(keys.bind, request.digest) then return 'STALE' end
typed(keys.uniq, 'hash')
typed(keys.byEnd, 'zset')
local n, due = keys.n, keys.due
local limit, bytes, to = request.limit, request.bytes, {}
for _, organ in ipairs(request.organs) do to[organ.name] = routes[organ.route] end
local now, moved = millis(n), {}
-- deliver stores the message of a member.
local function deliver(route, message, member)
  if message == '' then message = member end -- it was cut: its bytes become a dead letter
  for _, t in ipairs(route) do appendFound(t, message, string.char(0x91) .. message) end
  if route.park then park(n, route, message) end
end
eachDue(due, now, limit, bytes, function(organ, member)
  local route = to[organ]
  if not route then return true end
  redis.call('ZREM', due, member)
  moved[organ] = (moved[organ] or 0) + 1
  local message = member:sub(#organ + 18)
  deliver(route, message, member)
end)
-- Delayed events go to all organs that are bound to them now.
eachDue(keys.later, now, limit, bytes, function(event, member)
  local route = to[event]
  if not route then return true end
  local id = member:sub(placeLength(event) + 1)
  local message = (redis.call('HGET', keys.ids, id) or ''):sub(placeLength(event) + 1)
  redis.call('ZREM', keys.later, member)
  redis.call('HDEL', keys.ids, id)
  redis.call('HINCRBY', n, 'later', -1)
  deliver(route, message, member)
  routeUnique(n, keys.uniq, keys.byEnd, message, route)
  return false, #message
end)
for organ, count in pairs(moved) do redis.call('HINCRBY', n, 'due ' .. organ, -count) end
finish(n)
return untilNext(now, '-inf', due, keys.later)
