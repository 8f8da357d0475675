-- Sees to it that keys exist, so that scripts which name them run while the slot of the partition is
-- being moved: a node that gives a slot away runs no script of which one key is missing, nor does the
-- one that gets it. What is added to a key stands for nothing.
-- KEYS: keys
-- ARGV: kind of each: hash, stream, times (a sorted set by time), lex (one by members), live
for i, key in ipairs(KEYS) do
  local kind = ARGV[i]
  if kind == 'hash' then redis.call('HSETNX', key, '', '')
  elseif kind == 'stream' then
    if redis.call('EXISTS', key) == 0 then redis.call('XADD', key, 'MAXLEN', 0, '*', 'm', '') end
  elseif kind == 'times' then redis.call('ZADD', key, '+inf', '')
  elseif kind == 'lex' then redis.call('ZADD', key, 0, '')
  else redis.call('ZADD', key, '+inf', '- -') end
end
return 'OK'
