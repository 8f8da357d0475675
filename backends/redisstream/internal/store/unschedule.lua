-- Deletes a page of the scheduled deliveries of an organ that was removed.
-- Guarantees: what is scheduled of others is skipped, and nothing is looked at once all that the organ had is
--   gone. Pages are counted by rank, so that what is skipped costs nothing, and from the end, where what
--   becomes due does not change the ranks.
-- Needs: skip is where the former page ended. final is set in the last pass, because another process that
--   deletes may have let this one skip too many.
-- Returns 'DONE', 'AGAIN' after a pass that did not find all, or 'MORE', and where the next page begins.
local keys = { bind = key(), n = key(), due = key() }
local request = { organ = arg(), skip = num(), messages = num(), bytes = num(), final = flag() }
-- The step.
local bind, n, due = keys.bind, keys.n, keys.due
local organ, skip, room, bytes, final = request.organ, request.skip, request.messages, request.bytes, request.final
local prefix, gone, done = organ .. '\0', 0, false
while room > 0 and bytes > 0 and not done do
  local some = redis.call('ZRANGE', due, skip, skip + 7, 'REV') -- each may have megabytes
  done = #some == 0
  for _, member in ipairs(some) do
    room, bytes = room - 1, bytes - #member
    if member:sub(1, #prefix) == prefix then gone = gone + redis.call('ZREM', due, member)
    else skip = skip + 1 end
  end
end
local left = redis.call('HINCRBY', n, 'due ' .. organ, 0 - gone) -- not -gone: a zero would be written -0
if left > 0 and not done then return { 'MORE', skip } end
if left > 0 and not final then return { 'AGAIN', 0 } end
redis.call('HDEL', n, 'due ' .. organ)
redis.call('HDEL', bind, 'removing ' .. organ)
digest(bind)
return { 'DONE', 0 }
