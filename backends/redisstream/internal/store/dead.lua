-- Redrives dead letters to a target, or without one discards them.
-- Guarantees: a letter is stored for its organ in the step that takes it out of the dead letters, once. The place
--   of a letter that goes is kept for an hour, for a caller that lists the letters behind it.
-- Needs: one route to the organ's queue, or none. edited is the message that is stored in the place of the first letter, or empty.
-- Returns how many letters went, or 'STALE' when the table of bindings is another one.
local keys = { bind = key(), n = key(), pause = key(), dead = key(), deadid = key(), gone = key(), before = key() }
local known = arg()
readRoutes()
local request = { digest = known, organ = arg(), letters = list(arg), edited = arg() }
-- The step.
if stale(keys.bind, request.digest) then return 'STALE' end
local n, pause, dead, deadid, gone, before = keys.n, keys.pause, keys.dead, keys.deadid, keys.gone, keys.before
typed(dead, 'stream')
typed(deadid, 'hash')
typed(gone, 'hash')
local organ = request.organ
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

for _, delivery in ipairs(request.letters) do
  local ids = redis.call('HGET', deadid, delivery)
  if ids then remember(delivery, ids) end
  each(ids, function(id)
    local entry = redis.call('XRANGE', dead, id, id)[1]
    if not entry or redis.call('XDEL', dead, id) ~= 1 then return end
    local f = {}
    for i = 1, #entry[2], 2 do f[entry[2][i]] = entry[2][i + 1] end
    redis.call('HINCRBY', n, 'deadbytes ' .. organ, -(#f.m + #f.error + #f.stack))
    local edited = request.edited ~= ''
    if targets[1] and not (edited and moved > 0) then -- in an entry of its own: what cannot be read would swallow those behind it
      append(targets[1], 1, edited and request.edited or f.m)
      flush(targets[1])
    end
    moved = moved + 1
  end)
  redis.call('HDEL', deadid, delivery)
end
finish(n)
if moved > 0 then redis.call('HDEL', pause, organ .. '!') end -- the next dead letter looks again
return moved
