-- Stores one message for one organ, once: what publish does, with fewest commands.
-- Guarantees: a call that is repeated under the same number stores nothing. A call of a smaller number than
--   the last one of the process comes too late, and stores nothing either.
-- Needs: one call of the process at a time. The entry is a pack of one message.
-- Returns 'OK', or 'STALE' when the table of bindings is another one.
local bind, tokens, seen, stream, n = key(), key(), key(), key(), key()
local known, number, renew, process, entry = arg(), num(), flag(), arg(), arg()
-- The step.
if stale(bind, known) then return 'STALE' end
if not repeated(n, tokens, seen, process, number, renew) then redis.call('XADD', stream, '*', 'm', entry) end
return 'OK'
