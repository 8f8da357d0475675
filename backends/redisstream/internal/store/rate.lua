-- Takes tokens of an organ with a rate.
-- Guarantees: of several processes each token goes to one. The tokens come evenly by the server's clock, and are saved up for a
--   tenth of the period. The key goes when they are all there again.
-- Needs: the period is in milliseconds, which count has a token for each of, at least.
-- Returns how many were taken; and without any, in how many milliseconds there is one.
local keys = { rate = key() }
local request = { count = num(), per = num(), wanted = num() }
-- The step.
local each = request.per / request.count
local now = wall()
local full = now + math.max(request.per / 10, each)
local spent = math.min(math.max(tonumber(redis.call('GET', keys.rate) or 0) or 0, now), full)
local taken = math.min(request.wanted, math.floor((full - spent) / each + 0.000001))
if taken < 1 then return { '0', string.format('%.0f', math.max(1, math.ceil(spent + each - full))) } end
redis.call('SET', keys.rate, string.format('%.6f', spent + taken * each), 'PX', string.format('%.0f', math.ceil(full - now) + 1))
return { string.format('%.0f', taken), '0' }
