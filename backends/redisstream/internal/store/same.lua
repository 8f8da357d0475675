-- Compares entries with what a process leased by their ids.
-- Guarantees: it writes nothing.
-- Needs: digest is the SHA-1 of the entry's bytes, in hex.
-- Returns '1' for each entry whose bytes have that digest, else '0'.
local keys = { q = key(), first = key() }
local request = { entries = list(function() return { stream = num(), id = arg(), digest = arg() } end) }
-- The step.
local streams, out = { keys.q, keys.first }, {}
for i, e in ipairs(request.entries) do
  local entry = redis.call('XRANGE', streams[e.stream], e.id, e.id)[1]
  out[i] = entry and redis.sha1hex(entry[2][2]) == e.digest and '1' or '0'
end
return table.concat(out)
