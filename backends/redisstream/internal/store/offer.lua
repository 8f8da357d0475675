-- Stores messages that a process has leased and does not run as entries of their own, for processes that wait.
-- Guarantees: each message is stored again in the step that takes it out of its entry, and only while this
--   process holds the entry.
-- Needs: an organ without order. It does nothing while an entry waits to be read: then no process is idle,
--   and what is moved would stand behind that entry.
-- Returns for each entry '1', or '0' when this process does not hold it any more; 'BUSY' when it did nothing;
--   'STALE' when the order of the organ counts by now.
local keys = { bind = key(), n = key(), q = key(), part = key() }
local request = {
  organ = arg(), consumer = arg(),
  entries = list(function()
    return {
      id = arg(), size = num(), -- at and length: the place of the message in the bytes of the entry
      messages = list(function() return { index = num(), at = num(), length = num() } end),
    }
  end),
}
-- The step.
local n, q, part = keys.n, keys.q, keys.part
local organ, me = request.organ, request.consumer
if rebound(keys.bind, organ, '-') then return 'STALE' end
local groups = redis.call('XINFO', 'GROUPS', q)
for _, group in ipairs(groups) do
  if group[2] == 'necro' and redis.call('XLEN', q) > group[6] then return 'BUSY' end
end
local out = {}
for _, o in ipairs(request.entries) do
  local id, size, moved = o.id, o.size, o.messages
  for _, m in ipairs(moved) do m.i = m.index + 1 end
  local pending = redis.call('XPENDING', q, 'necro', id, id, 1)
  local ours = pending[1] and pending[1][2] == me
  local entry = ours and redis.call('XRANGE', q, id, id)[1]
  if entry then
    takeOut(n, organ, q, part, id, id, size, moved, function(m)
      redis.call('XADD', q, '*', 'm', string.char(0x91) .. entry[2][2]:sub(m.at + 1, m.at + m.length))
    end)
  end
  out[#out + 1] = entry and '1' or '0'
end
return table.concat(out)
