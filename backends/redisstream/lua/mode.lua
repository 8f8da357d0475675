-- Gives an organ the mode that a process wants, unless another living process wants the one that is
-- bound, or a former order has still left something behind. Returns 'OK', or 'WAIT'.
-- KEYS: bind, live, q, part, dead, deadid, first, hold, wait, own; n
-- ARGV: digest, organ, process, order, exclusive ('1' or '0')
local bind, live = KEYS[1], KEYS[2]
if stale(bind, arg()) then return 'STALE' end
local organ, process, order, exclusive = arg(), arg(), arg(), arg()
local row = redis.call('HGET', bind, 'organ ' .. organ)
if not row or redis.call('HEXISTS', bind, 'turn ' .. organ) == 1 then return 'WAIT' end
local before, alone = row:match('%S+$'), redis.call('HGET', bind, 'exclusive ' .. organ)
if wanted(KEYS[#KEYS], live, organ, before .. (alone == '1' and '!' or ''), process) then return 'WAIT' end
local keys = {}
for i = 3, #KEYS do keys[#keys + 1] = KEYS[i] end
change(bind, organ, keys, before, order, exclusive)
digest(bind)
return 'OK'
