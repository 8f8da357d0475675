-- Gives an organ the mode that a process wants.
-- Guarantees: another living process that wants the mode that is bound keeps it, and so does what a former
--   order has left behind. Keys of a former order are let go with the step.
-- Needs: order is "strict", "key", "key/" with a number of lanes, or "-".
-- Returns 'OK', 'WAIT' when the mode stays, or 'STALE' when the table of bindings is another one.
local keys = { bind = key(), live = key(), organ = organKeys(), n = key() }
local request = { digest = arg(), organ = arg(), process = arg(), order = arg(), exclusive = flag() }
-- The step.
local bind, live = keys.bind, keys.live
if stale(bind, request.digest) then return 'STALE' end
local organ, process, order, exclusive = request.organ, request.process, request.order, request.exclusive and '1' or '0'
local row = redis.call('HGET', bind, 'organ ' .. organ)
if not row or redis.call('HEXISTS', bind, 'turn ' .. organ) == 1 then return 'WAIT' end
local before, alone = row:match('%S+$'), redis.call('HGET', bind, 'exclusive ' .. organ)
if wanted(keys.n, live, organ, before .. (alone == '1' and '!' or ''), process) then return 'WAIT' end
change(bind, organ, keys.organ, before, order, exclusive)
digest(bind)
return 'OK'
