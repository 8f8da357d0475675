-- Looks which organs have something due among the first members of the schedule that are, and which delayed events are:
-- these stand among the organs, by their names with "!" in front.
-- Guarantees: of all processes that ask as sweeper one gets an answer at a time, for as long as its lease lasts.
-- Needs: sweeper is empty when the caller does not sweep. limit and bytes bound what is looked at.
-- Returns in how many milliseconds the next one is due (0: there is something now, -1: none, or another process
--   sweeps), and the organs with something due.
local keys = { due = key(), later = key(), n = key() }
local request = { limit = num(), bytes = num(), sweeper = arg(), lease = num() }

-- recount puts the counts of an empty schedule right: members that no process of ours put there were taken out of
-- counts that they were never in.
local function recount(n)
  for _, field in ipairs(redis.call('HKEYS', n)) do
    if field:sub(1, 4) == 'due ' then redis.call('HDEL', n, field) end
  end
end

-- The step.
local limit, bytes, owner, lease = request.limit, request.bytes, request.sweeper, request.lease
local now = millis(keys.n)
if owner ~= '' then
  local is, expires = sweeper(keys.n)
  if is and is ~= owner and expires > now then return { -1 } end
  redis.call('HSET', keys.n, 'sweep', owner .. ' ' .. string.format('%d', now + lease))
  if members(keys.due) == 0 then recount(keys.n) end
end
local reply, seen = { 0 }, {}
for _, set in ipairs({ keys.due, keys.later }) do
  eachDue(set, now, limit, bytes, function(organ)
    if not seen[organ] then reply[#reply + 1] = organ end
    seen[organ] = true
    return true
  end)
end
if #reply == 1 then reply[1] = untilNext(now, '(' .. now, keys.due, keys.later) end
return reply
