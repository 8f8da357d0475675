-- Ends a consumer: its ownership, and its name in the group once it holds nothing there.
-- KEYS: live, own, q, first
-- ARGV: live member, owner or '', consumer or '' (others of the process still use the name)
redis.call('ZREM', KEYS[1], arg())
local owner, me = arg(), arg()
if owner ~= '' and redis.call('GET', KEYS[2]) == owner then redis.call('DEL', KEYS[2]) end
if me ~= '' then
  for _, stream in ipairs({ KEYS[3], KEYS[4] }) do
    local held = redis.pcall('XPENDING', stream, 'necro', '-', '+', 1, me)
    if not held.err and #held == 0 then redis.call('XGROUP', 'DELCONSUMER', stream, 'necro', me) end
  end
end
return 'OK'
