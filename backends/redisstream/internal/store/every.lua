-- Takes in what a process wants of a schedule, and tells how far that has fired; or also stores its ticks and moves it, if it is still
-- where the caller says, is bound to what the ticks were computed by, and the time has come.
-- Guarantees: the ticks are stored with the move or not at all, so that of several callers one fires a tick. The server's clock decides
--   whether the time has come. What is bound stays until no living process wants it. A schedule that no call has named for 30 days is
--   forgotten by a call that asks.
-- Needs: times are in milliseconds; a schedule that is not known is at 0. up is 0 for a call that only asks, which has no rows.
-- Returns where the schedule is, the server's time, '1' when this call has moved it, and what it is bound to. 'STALE' when the table of
--   bindings is another one.
local keys = { bind = key(), n = key(), every = key() }
local request = { digest = arg() }
readRoutes()
request.schedule, request.wants, request.alive, request.bound, request.after, request.up = arg(), arg(), num(), arg(), num(), num()
request.rows = list(function() return { route = num(), count = num(), bytes = arg() } end)
-- The step.
if stale(keys.bind, request.digest) then return 'STALE' end
typed(keys.n, 'hash')
typed(keys.every, 'hash')
local now = wall()
-- read reads a record: how far the schedule has fired, until when a process lives that wants what is bound, when a call named it
-- last, and what is bound.
local function read(record)
  local fired, till, named, bound = (record or ''):match('^(%d+) (%d+) (%d+) (.*)$')
  return tonumber(fired or 0), tonumber(till or 0), tonumber(named or 0), bound or ''
end
local function forgetOld()
  local all = redis.call('HGETALL', keys.every)
  for i = 1, #all, 2 do
    local _, _, named = read(all[i + 1])
    if all[i] ~= '' and now - named > 2592000000 then redis.call('HDEL', keys.every, all[i]) end
  end
end

if request.up == 0 then forgetOld() end
local fired, till, _, bound = read(redis.call('HGET', keys.every, request.schedule))
local alive = math.max(0, now + request.alive)
if bound == request.wants then till = math.max(till, alive)
elseif till <= now then bound, till = request.wants, alive end
local moves = request.up > 0 and fired == request.after and bound == request.bound and request.up > fired and request.up <= now
if moves then
  fired = request.up
  for _, row in ipairs(request.rows) do give(keys.n, routes[row.route], row.count, row.bytes) end
  finish(keys.n)
end
if fired > 0 then redis.call('HSET', keys.every, request.schedule, string.format('%.0f %.0f %.0f ', fired, till, now) .. bound) end
return { string.format('%.0f', fired), string.format('%.0f', now), moves and '1' or '0', bound }
