-- Renews leases, and marks suspects as started and what is given up as that.
-- Guarantees: only what the consumer still holds is renewed, and only there a mark is set. An ownership that
--   ran out is taken again while no other owner came.
-- Needs: owner is empty for an organ that is not exclusive. Marks are indexes from 0.
-- Returns '1' for each entry that was renewed, '0' for one that another consumer holds or nobody.
local keys = { own = key(), q = key(), part = key(), first = key() }
local request = {
  consumer = arg(), owner = arg(), lease = num(),
  entries = list(function() return { stream = num(), id = arg(), size = num(), marks = list(num), giving = list(num) } end),
}
-- The step.
local part, me = keys.part, request.consumer
local streams = { keys.q, keys.first }
local owns = ownership(keys.own, request.owner, request.lease)
local started = { ['.'] = 'A', ['1'] = 'B', ['2'] = 'C', ['3'] = 'D', ['4'] = 'E' }
local giving = { ['.'] = 'a', ['1'] = 'b', ['2'] = 'c', ['3'] = 'd', ['4'] = 'e', A = 'a', B = 'b', C = 'c', D = 'd', E = 'e' }
local released = 1e11 -- milliseconds of idleness: a release of the entry overtook this call
local out = {}
for _, entry in ipairs(request.entries) do
  local s, id, size = entry.stream, entry.id, entry.size
  local pending = owns(streams[s], id) and redis.pcall('XPENDING', streams[s], 'necro', id, id, 1)
  local held = pending and not pending.err and pending[1] and pending[1][2] == me and pending[1][3] < released
  if held then redis.call('XCLAIM', streams[s], 'necro', me, 0, id, 'JUSTID') end
  out[#out + 1] = held and '1' or '0'
  local field = s == 1 and id or '+' .. id
  if held and #entry.marks + #entry.giving > 0 then
    local marks = marksOf(part, field, size)
    for change, indexes in pairs({ [started] = entry.marks, [giving] = entry.giving }) do
      for _, index in ipairs(indexes) do
        local i = index + 1
        local mark = change[marks:sub(i, i)]
        if mark then marks = marks:sub(1, i - 1) .. mark .. marks:sub(i + 1) end
      end
    end
    redis.call('HSET', part, field, marks)
  end
end
return table.concat(out)
