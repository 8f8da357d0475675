-- Removes records of an organ with state whose time is over, a few at a time.
-- Guarantees: a record that was renewed stays, and is looked at when its time is over.
-- Needs: the process holds the lease of the sweep (see due.lua); else it does nothing. limit and bytes bound what is looked at.
-- Returns 'MORE' when there is more to look at, else 'OK'.
local keys = { n = key(), state = key(), ttls = key(), listed = key() }
local request = { process = arg(), limit = num(), bytes = num() }
-- The step.
if sweeper(keys.n) ~= request.process then return 'OK' end
typed(keys.state, 'hash')
typed(keys.listed, 'zset')
local now, room = millis(keys.n), request.bytes
local over = redis.call('ZRANGEBYSCORE', keys.ttls, '-inf', now, 'LIMIT', 0, request.limit)
for _, key in ipairs(over) do
  if room <= 0 then return 'MORE' end
  local record = redis.call('HGET', keys.state, key) or ''
  local expiry = expiryOf(record)
  room = room - #record
  if expiry and expiry > now then
    redis.call('ZADD', keys.ttls, expiry, key)
  else
    redis.call('ZREM', keys.ttls, key)
    if expiry and expiry > 0 then
      redis.call('HDEL', keys.state, key)
      redis.call('ZREM', keys.listed, key)
    end
  end
end
return #over == request.limit and 'MORE' or 'OK'
