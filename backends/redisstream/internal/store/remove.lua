-- Forgets an organ, but for its scheduled deliveries, which unschedule.lua deletes before the organ is bound again.
-- Guarantees: an organ with living consumers stays as it is. With the last organ of an event its park goes,
--   unless it is being handed over to others.
-- Needs: rows are those of the table that tell of the organ alone; events are those that it is bound to.
-- Returns 'OK', how many consumers the organ has, or 'STALE' when the table of bindings is another one.
local keys = { bind = key(), n = key(), pause = key(), live = key(), organ = organKeys(), state = key(), ttls = key(), listed = key() }
local request = {
  digest = arg(), organ = arg(), rows = list(arg),
  events = list(function() return { park = key(), took = key(), name = arg() } end),
}
-- The step.
local bind, n, pause, live = keys.bind, keys.n, keys.pause, keys.live
if stale(bind, request.digest) then return 'STALE' end
local organ = request.organ
local alive = 0
for _, member in ipairs(redis.call('ZRANGEBYSCORE', live, '(' .. millis(n), '+inf')) do
  if member:match('^%S+') == organ then alive = alive + 1 end
end
if alive > 0 then return alive end
for _, name in ipairs(keys.organ) do redis.call('UNLINK', name) end
redis.call('UNLINK', keys.state, keys.ttls, keys.listed)
if redis.call('HINCRBY', n, 'due ' .. organ, 0) > 0 then redis.call('HSET', bind, 'removing ' .. organ, 1)
else redis.call('HDEL', n, 'due ' .. organ) end
redis.call('HDEL', n, 'more ' .. organ, 'deadbytes ' .. organ, 'leases ' .. organ, 'renewing ' .. organ)
redis.call('HINCRBY', n, 'removed ' .. organ, 1) -- what it has of unique events counts no more
redis.call('HDEL', pause, organ, organ .. '!')
for _, row in ipairs(request.rows) do redis.call('HDEL', bind, row) end
for _, e in ipairs(request.events) do
  local event, park, took = e.name, e.park, e.took
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
