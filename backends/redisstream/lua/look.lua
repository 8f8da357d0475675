-- One look at organs that a process waits for: is each paused, who owns it, and is there something
-- that claim would take over or free? It renews ownerships. Returns the state of each, with a '+' when
-- claim has work; at the end what the server's clock shows.
-- KEYS: bind, pause, n; of each organ: own, q, first, hold, wait
-- ARGV: digest, consumer, organs: {name, owner or '' (exclusive), lease, order}
if stale(KEYS[1], arg()) then return 'STALE' end
local me, n = arg(), KEYS[3]
millis(n)
local seen = sight(n)
local steps = seen:match('%d+$')
local paused = {}
for _, field in ipairs(redis.call('HGETALL', KEYS[2])) do paused[field] = true end

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

local function look(own, q, first, hold, wait)
  local organ, owner, lease, order = arg(), arg(), num(), arg()
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
for i = 4, #KEYS, 5 do out[#out + 1] = look(KEYS[i], KEYS[i + 1], KEYS[i + 2], KEYS[i + 3], KEYS[i + 4]) end
out[#out + 1] = seen
return out
