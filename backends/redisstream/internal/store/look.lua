-- One look at organs that a process waits for: is each paused, who owns it, and is there something that claim
-- would take over or free?
-- Guarantees: it renews the ownerships of the process, and changes nothing else.
-- Needs: owner is empty for an organ that is not exclusive, and order is empty where none counts.
-- Returns the state of each organ, with a '+' when claim has work, and at the end what the server's clock
--   shows; 'STALE' when the table of bindings is another one.
local keys = { bind = key(), pause = key(), n = key() }
local request = {
  digest = arg(), consumer = arg(),
  organs = list(function()
    return {
      own = key(), q = key(), first = key(), hold = key(), wait = key(),
      name = arg(), owner = arg(), lease = num(), order = arg(),
    }
  end),
}
-- The step.
if stale(keys.bind, request.digest) then return 'STALE' end
local me, n = request.consumer, keys.n
millis(n)
local seen = sight(n)
local steps = seen:match('%d+$')
local paused = {}
for _, field in ipairs(redis.call('HGETALL', keys.pause)) do paused[field] = true end

-- claimable reports whether a stream has entries that nobody holds any more, or anybody but the
-- owner. Of the owner's own entries some may have been forgotten: a failover takes back that they were
-- settled. Claim meets the error where the group is gone.
local function claimable(stream, owner, lease)
  local page = redis.pcall('XPENDING', stream, 'necro', 'IDLE', lease, '-', '+', 1)
  if page.err or #page > 0 then return true end
  if owner == '' then return false end
  local held = redis.pcall('XPENDING', stream, 'necro')
  if held.err then return true end
  for _, c in ipairs(held[4] or {}) do
    if c[1] ~= me then return true end
  end
  return false
end

local function look(o)
  local own, q, first, hold, wait = o.own, o.q, o.first, o.hold, o.wait
  local organ, owner, lease, order = o.name, o.owner, o.lease, o.order
  if paused[organ] or paused[organ .. '!'] then return 'paused' end
  if owner ~= '' then
    local is = redis.call('GET', own)
    if is and is ~= owner then
      shorten(own, lease)
      return 'owned'
    end
    if not is then return 'open+' end -- claim finds out whether it may be owned
    redis.call('SET', own, owner, 'PX', lease)
  end
  local state = 'open'
  local work = (redis.call('HGET', n, 'leases ' .. organ) or '0') ~= steps or claimable(q, owner, lease)
  if order ~= '' then
    if fields(hold) > 0 then
      state = order == 'strict' and 'held' or 'keys'
      work = work or order == 'key' and #redis.call('ZRANGEBYLEX', wait, '[\255', '+', 'LIMIT', 0, 1) > 0
    end
    work = work or claimable(first, owner, lease)
  end
  return work and state .. '+' or state
end

local out = {}
for i, o in ipairs(request.organs) do out[i] = look(o) end
out[#out + 1] = seen
return out
