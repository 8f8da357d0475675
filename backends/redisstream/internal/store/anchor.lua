-- Sees to it that keys exist, so that scripts which name them run while the slot of the partition is being moved:
-- a node that gives a slot away runs no script of which one key is missing, nor does the one that gets it.
-- Guarantees: what is added to a key stands for nothing; what is there stays.
-- Needs: a kind for each key: hash, stream, times (a sorted set by time), lex (one by members), or live.
-- Returns 'OK'.
local keys = {}
local request = { anchors = list(function() return { key = key(), kind = arg() } end) }
-- The step.
for _, anchor in ipairs(request.anchors) do
  local key, kind = anchor.key, anchor.kind
  if kind == 'hash' then redis.call('HSETNX', key, '', '')
  elseif kind == 'stream' then
    if redis.call('EXISTS', key) == 0 then redis.call('XADD', key, 'MAXLEN', 0, '*', 'm', '') end
  elseif kind == 'times' then redis.call('ZADD', key, '+inf', '')
  elseif kind == 'lex' then redis.call('ZADD', key, 0, '')
  else redis.call('ZADD', key, '+inf', '- -') end
end
return 'OK'
