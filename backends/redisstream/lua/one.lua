-- Stores one message for one organ, once: what publish does, with fewest commands.
-- KEYS: bind, tokens, seen, stream, n
-- ARGV: digest, call number, '1' to renew the token, process, entry
if stale(KEYS[1], ARGV[1]) then return 'STALE' end
if not repeated(KEYS[5], KEYS[2], KEYS[3], ARGV[4], tonumber(ARGV[2]), ARGV[3] == '1') then redis.call('XADD', KEYS[4], '*', 'm', ARGV[5]) end
return 'OK'
