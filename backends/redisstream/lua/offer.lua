-- Stores messages that a process has leased and does not run as entries of their own, which go to
-- processes that wait. It does nothing while an entry waits to be read: then no process is idle, and
-- what is moved would stand behind that entry.
-- Returns 'STALE' when the order of the organ counts by now, 'BUSY' when it did nothing, or for each
-- entry '1', or '0' when this process does not hold it any more.
-- KEYS: bind, n, q, part
-- ARGV: organ, consumer, entries: {id, size, messages: {index, place of the message in the entry, its size}}
local n, q, part = KEYS[2], KEYS[3], KEYS[4]
local organ, me = arg(), arg()
if rebound(KEYS[1], organ, '-') then return 'STALE' end
local groups = redis.call('XINFO', 'GROUPS', q)
for _, group in ipairs(groups) do
  if group[2] == 'necro' and redis.call('XLEN', q) > group[6] then return 'BUSY' end
end
local out = {}
for _ = 1, num() do
  local id, size, moved = arg(), num(), {}
  for i = 1, num() do moved[i] = { i = num() + 1, at = num(), length = num() } end
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
