-- Compares entries with what a process leased by their ids.
-- Returns '1' for each entry whose bytes have that digest, else '0'.
-- KEYS: q, first
-- ARGV: entries: {stream, id, digest}
local out = {}
while argn < #ARGV do
  local s, id, digest = num(), arg(), arg()
  local entry = redis.call('XRANGE', KEYS[s], id, id)[1]
  out[#out + 1] = entry and redis.sha1hex(entry[2][2]) == digest and '1' or '0'
end
return table.concat(out)
