-- Ends a consumer in one organ.
-- Guarantees: its ownership and its sign of life are gone; other consumers may claim at once what it holds,
--   and suspect it, because a handler may have run; its name leaves the group once it holds nothing there.
-- Needs: member is empty while another consumer of the process lives; consumer is empty while others of
--   the process still use the name, and owner for an organ that is not exclusive.
-- Returns 'OK'.
local keys = { live = key(), own = key(), q = key(), first = key() }
local request = {
  member = arg(), owner = arg(), consumer = arg(),
  entries = list(function() return { stream = num(), id = arg() } end),
}
-- The step.
local streams = { keys.q, keys.first }
local owner, me = request.owner, request.consumer
redis.call('ZREM', keys.live, request.member)
if owner ~= '' and redis.call('GET', keys.own) == owner then redis.call('DEL', keys.own) end
for _, entry in ipairs(request.entries) do
  local s, id = entry.stream, entry.id
  local pending = redis.pcall('XPENDING', streams[s], 'necro', id, id, 1)
  if not pending.err and pending[1] and pending[1][2] == me then
    redis.call('XCLAIM', streams[s], 'necro', me, 0, id, 'IDLE', 1000000000000, 'JUSTID')
  end
end
if me ~= '' then
  for _, stream in ipairs(streams) do
    local held = redis.pcall('XPENDING', stream, 'necro', '-', '+', 1, me)
    if not held.err and #held == 0 then redis.call('XGROUP', 'DELCONSUMER', stream, 'necro', me) end
  end
end
return 'OK'
