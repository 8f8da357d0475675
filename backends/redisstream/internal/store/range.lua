-- Reads a page of the records of an organ with state, in the order of their keys' bytes.
-- Guarantees: it writes nothing. A record that stays is in one page. A page ends when its records have so many bytes,
--   behind the first at least.
-- Needs: after is the key where the page before ended, or empty. limit bounds how many keys are looked at.
-- Returns where the next page begins ('' behind the last), and keys and records by turns. 'STALE' when the table of
--   bindings is another one.
local keys = { bind = key(), n = key(), state = key(), listed = key() }
local request = { digest = arg(), after = arg(), limit = num(), bytes = num() }
-- The step.
if stale(keys.bind, request.digest) then return 'STALE' end
typed(keys.state, 'hash')
typed(keys.listed, 'zset')
local now
local function time()
  now = now or latest(keys.n)
  return now
end
local page, room, last = { '' }, request.bytes, request.after
while request.limit > 0 and room > 0 do
  local some = redis.call('ZRANGEBYLEX', keys.listed, '(' .. last, '+', 'LIMIT', 0, math.min(request.limit, 32))
  if #some == 0 then return page end
  for _, key in ipairs(some) do
    last, request.limit = key, request.limit - 1
    local record = redis.call('HGET', keys.state, key)
    if record and record ~= '' and not isOver(record, time) then
      page[#page + 1] = key
      page[#page + 1] = record
      room = room - #key - #record
      if room <= 0 then break end
    end
  end
end
page[1] = last
return page
