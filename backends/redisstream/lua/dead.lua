-- Redrives dead letters, or with no target discards them. Returns how many.
-- KEYS: bind, n, pause, dead, deadid, gone, gone before, target (redrive)
-- ARGV: digest, routes, organ, count, {delivery id}
if stale(KEYS[1], arg()) then return 'STALE' end
local n, pause, dead, deadid, gone, before = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
typed(dead, 'stream')
typed(deadid, 'hash')
typed(gone, 'hash')
readRoutes(8)
local organ = arg()
local moved = 0

-- remember keeps the place of a letter that goes, for who lists what is behind it. The last 10,000
-- places are known for an hour: a hash that is full becomes the one before.
local function remember(delivery, ids)
  if redis.call('HSET', gone, delivery, ids) == 1 and redis.call('HLEN', gone) > 10000 then
    redis.call('RENAME', gone, before)
  else
    redis.call('PEXPIRE', gone, 3600000)
  end
end

for _ = 1, num() do
  local delivery = arg()
  local ids = redis.call('HGET', deadid, delivery)
  if ids then remember(delivery, ids) end
  each(ids, function(id)
    local entry = redis.call('XRANGE', dead, id, id)[1]
    if not entry or redis.call('XDEL', dead, id) ~= 1 then return end
    local f = {}
    for i = 1, #entry[2], 2 do f[entry[2][i]] = entry[2][i + 1] end
    redis.call('HINCRBY', n, 'deadbytes ' .. organ, -(#f.m + #f.error + #f.stack))
    if targets[1] then -- in an entry of its own: what cannot be read would swallow those behind it
      append(targets[1], 1, f.m)
      flush(targets[1])
    end
    moved = moved + 1
  end)
  redis.call('HDEL', deadid, delivery)
end
finish(n)
if moved > 0 then redis.call('HDEL', pause, organ .. '!') end -- the next dead letter looks again
return moved
