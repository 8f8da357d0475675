-- Stores one message for one organ, once: what publish does, with fewest commands.
-- KEYS: bind, token, stream
-- ARGV: digest, call number, '1' to renew the token, entry
if stale(KEYS[1], ARGV[1]) then return 'STALE' end
if not repeated(KEYS[2], tonumber(ARGV[2]), ARGV[3] == '1') then redis.call('XADD', KEYS[3], '*', 'm', ARGV[4]) end
return 'OK'
