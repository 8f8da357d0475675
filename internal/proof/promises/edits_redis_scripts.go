package main

import "github.com/necrostack/necrogen/internal/proof/sabotage"

// redisScriptEdits break the Lua scripts of backends/redisstream.
var redisScriptEdits = map[string][]sabotage.Edit{
	"redis-state-unchecked": {{
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `if current[key] ~= read then current[key] = false end`,
	}},
	"redis-conflict-emits": {{
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `if counts then keep(of, record, ttl) end storeRows(counts)`,
		New: `if counts then keep(of, record, ttl) end storeRows(answer ~= '0')`,
	}},
	"redis-state-unchained": {{
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `current[key] = record:sub(2, 9)`,
	}},
	"redis-together-unread": {{
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `for _, w in ipairs(writes) do counts = counts and fits(w.of, w.read) end`,
	}},
	"redis-together-lost": {{
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `counts = counts and not pending.err and #pending == 1`,
	}},
	"redis-conflict-passed": {{
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `if current[key] ~= read then current[key] = false end return current[key] ~= false`,
		New: `return current[key] == read`,
	}},
	"redis-state-lasts": {{
		In:  "backends/redisstream/internal/store/record.lua",
		Old: `return expiry and expiry > 0 and expiry <= time()`,
		New: `return false`,
	}},
	"redis-sweep-uncompared": {{
		In:  "backends/redisstream/internal/store/sweepstate.lua",
		Old: `if expiry and expiry > now then`,
		New: `if false then`,
	}},
	"redis-states-stay": {{
		In:  "backends/redisstream/internal/store/remove.lua",
		Old: `redis.call('UNLINK', keys.state, keys.ttls, keys.listed)`,
	}},
	"redis-delay-at-once": {{
		In:  "backends/redisstream/internal/store/lib.lua",
		Old: `millis(n) + high * 4294967296 + low`,
		New: `millis(n)`,
	}},
	"run-now-twice": {{
		In:  "backends/redisstream/internal/store/cancel.lua",
		Old: `redis.call('HDEL', keys.held, request.event)`,
	}},
	"schedule-scanned": {{
		In:  "backends/redisstream/internal/store/scheduled.lua",
		Old: `local middle = math.floor((low + high) / 2)`,
		New: `local middle = low`,
	}},
	"redis-delay-twice": {{
		In:  "backends/redisstream/internal/store/lib.lua",
		Old: `if redis.call('HEXISTS', route.ids, id) == 1 then return false end`,
	}},
	"redis-delay-beside-step": {{
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `if counts then give(n, routes[route], count, bytes) end`,
		New: `give(n, routes[route], count, bytes)`,
	}},
	"redis-delay-unscheduled": {{
		In: "backends/redisstream", Decl: "(*publisher).sendCalls",
		Old: `it.due == 0`,
		New: `true`,
	}},
	"redis-removal-walks": {{
		In:  "backends/redisstream/internal/store/unschedule.lua",
		Old: `redis.call('ZRANGE', due, skip, skip + 7, 'REV')`,
		New: `redis.call('ZREVRANGEBYSCORE', due, '+inf', '-inf', 'LIMIT', skip, 8)`,
	}},
	"redis-rate-apart": {{
		In:  "backends/redisstream/internal/store/rate.lua",
		Old: `redis.call('SET', keys.rate, string.format('%.6f', spent + taken * each), 'PX', string.format('%.0f', math.ceil(full - now) + 1))`,
	}},
	"redis-offers-first": {{
		In:  "backends/redisstream/internal/store/offer.lua",
		Old: `return 'BUSY'`,
		New: `break`,
	}},
	"redis-marks-trusted": {{
		In:  "backends/redisstream/internal/store/lib.lua",
		Old: `return marks:sub(1, size) .. string.rep('.', size - #marks)`,
		New: `return marks`,
	}},
	"redis-due-swallows": {{
		In:  "backends/redisstream/internal/store/promote.lua",
		Old: `appendFound(t, message, string.char(0x91) .. message)`,
		New: `append(t, 1, message)`,
	}},
	"redis-park-unordered": {{
		In:  "backends/redisstream/internal/store/handover.lua",
		Old: `(tonumber(entry[2][4]) or 0)`,
		New: `tonumber(entry[2][4])`,
	}},
	"redis-wait-trusted": {{
		In:  "backends/redisstream/internal/store/lib.lua",
		Old: `#member < 4 and #member or 4 + struct.unpack('>I4', member)`,
		New: `4 + struct.unpack('>I4', member)`,
	}},
	"redis-no-fence": {{
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `redis.call('XACK', streams[1], 'necro', id) == 1`,
		New: `redis.call('XACK', streams[1], 'necro', id) >= 0`,
	}},
	"redis-rest-not-fenced": {{
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `local ours = owns(stream, id) and redis.call('XACK', stream, 'necro', id) == 1`,
		New: `local ours = owns(stream, id) and redis.call('XACK', stream, 'necro', id) >= 0`,
	}},
	"redis-packs-not-fenced": {{
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `whole and owns(stream, id) and redis.call('XACK', stream, 'necro', id) == 1`,
		New: `whole and owns(stream, id) and redis.call('XACK', stream, 'necro', id) >= 0`,
	}},
	"redis-no-bits": {{
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `ours and marks:sub(i, i) ~= '#'`,
		New: `ours`,
	}},
	"redis-clock-back": {{
		In:  "backends/redisstream/internal/store/lib.lua",
		Old: `if now >= seen then`,
		New: `if true then`,
	}},
	"redis-leases-stand": {{
		In:  "backends/redisstream/internal/store/claim.lua",
		Old: `(redis.call('HGET', n, 'leases ' .. organ) or '0') ~= steps and not renewAll(steps)`,
		New: `false`,
	}},
	"redis-bits-unread": {{
		In:  "backends/redisstream/internal/store/claim.lua",
		Old: `local marks = redis.call('HGET', part, field) or ''`,
		New: `local marks = ''`,
	}},
	"redis-owner-unchecked": {{
		In:  "backends/redisstream/internal/store/lib.lua",
		Old: `return is == owner`,
		New: `return true`,
	}},
	"redis-lane-shared": {{
		In:  "backends/redisstream/internal/store/lanes.lua",
		Old: `l.owner == '-' and count < quota`,
		New: `count < quota`,
	}},
	"redis-lane-epoch": {{
		In:  "backends/redisstream/internal/store/lane.lua",
		Old: `if not m or m.epoch ~= epoch or m.till < now then return false end`,
		New: `m = m or { epoch = epoch, till = 0, lease = 1, main = begin, front = begin }`,
	}},
	"redis-halts-later": {{
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `redis.call('HSET', pause, organ, halt)`,
	}},
	"redis-dead-let-go": {{
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `dead, '*'`,
		New: `dead, 'MAXLEN', deadLimit, '*'`,
	}},
	"redis-redriven-twice": {{
		In:  "backends/redisstream/internal/store/dead.lua",
		Old: `if not entry or redis.call('XDEL', dead, id) ~= 1 then return end`,
		New: `if not entry then return end`,
	}, {
		In:  "backends/redisstream/internal/store/dead.lua",
		Old: `redis.call('HDEL', deadid, delivery)`,
	}},
	"redis-park-whole": {{
		In:  "backends/redisstream/internal/store/handover.lua",
		Old: `local room, bytes = request.messages, request.bytes`,
		New: `local room, bytes = 1e9, 1e9`,
	}},
	"redis-own-forgotten": {{
		In:  "backends/redisstream/internal/store/look.lua",
		Old: `if page.err or #page > 0 then return true end`,
		New: `if owner == '' and (page.err or #page > 0) then return true end`,
	}},
	"redis-no-token": {{
		In:  "backends/redisstream/internal/store/lib.lua",
		Old: `if call <= last then return call == last and token:match(' (%w+)$') or 'OK' end`,
	}},
	"redis-duplicates-lost": {{
		In:  "backends/redisstream/internal/store/publish.lua",
		Old: `redis.call('HSET', tokens, process, string.format('%.0f %s', number, answer))`,
	}},
	"redis-ids-forgotten": {{
		In:  "backends/redisstream/internal/store/publish.lua",
		Old: `if remembered(id, now) then return false end`,
	}},
	"redis-ids-evicted": {{
		In:  "backends/redisstream/internal/store/publish.lua",
		Old: `-maxIDs - kept(now) - 1`,
		New: `-maxIDs - 1`,
	}},
	"redis-ids-refused-late": {{
		In:  "backends/redisstream/internal/store/publish.lua",
		Old: `if timed > 0 and crowded() then`,
		New: `if false then`,
	}},
	"redis-never-stale": {{
		In:  "backends/redisstream/internal/store/lib.lua",
		Old: `(redis.call('HGET', bind, 'digest') or '') ~= digest`,
		New: `false`,
	}},
	"redis-park-unsorted": {{
		In:  "backends/redisstream/internal/store/handover.lua",
		Old: `(not first or seq < number)`,
		New: `not first`,
	}},
	"redis-park-again": {{
		In:  "backends/redisstream/internal/store/subscribe.lua",
		Old: `redis.call('HSETNX', took, o.id, '0-0')`,
		New: `redis.call('HSET', took, o.id, '0-0')`,
	}, {
		In:  "backends/redisstream/internal/store/subscribe.lua",
		Old: `if not has(bound, o.id) then`,
		New: `if true then`,
	}},
	"redis-types-unchecked": {{
		In:  "backends/redisstream/internal/store/lib.lua",
		Old: `is ~= want and is ~= 'none'`,
		New: `false`,
	}},
	"redis-group-at-end": {{
		In:  "backends/redisstream/internal/store/subscribe.lua",
		Old: `o.keys[1], 'necro', '0'`,
		New: `o.keys[1], 'necro', '$'`,
	}},
	"redis-release-suspects": {{
		In:  "backends/redisstream/internal/store/release.lua",
		Old: `'RETRYCOUNT', math.max(pending[1][4] - 1, 0),`,
	}},
	"redis-steals": {{
		In:  "backends/redisstream/internal/store/extend.lua",
		Old: `pending[1][2] == me and`,
	}},
	"redis-leaves-with-all": {{
		In:  "backends/redisstream/internal/store/leave.lua",
		Old: `and #held == 0`,
	}},
	"redis-promoted-twice": {{
		In:  "backends/redisstream/internal/store/promote.lua",
		Old: `redis.call('ZREM', due, member)`,
		New: `redis.call('ZSCORE', due, member)`,
	}},
	"redis-twins-counted": {{
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `later = later + redis.call('ZADD', due, time() + delay, member)`,
		New: `redis.call('ZADD', due, time() + delay, member) later = later + 1`,
	}},
	"redis-removes-all": {{
		In:  "backends/redisstream/internal/store/lib.lua",
		Old: `'LIMIT', 0, limit`,
		New: `'LIMIT', 0, 4000`,
	}},
	"redis-let-go-whole": {{
		In:  "backends/redisstream/internal/store/claim.lua",
		Old: `moved < asked and size < 1048576`,
		New: `moved < 1e9`,
	}},
	"redis-front-unread": {{
		In:  "backends/redisstream/internal/store/claim.lua",
		Old: `if not drained then out[1] = out[1] .. '<' end`,
	}},
	"redis-place-lost": {{
		In:  "backends/redisstream/internal/store/aside.lua",
		Old: `stood == ''`,
		New: `true`,
	}},
	"redis-takes-part": {{
		In:  "backends/redisstream/internal/store/claim.lua",
		Old: `local most = order == '' and limit or 100`,
		New: `local most = limit`,
	}, {
		In:  "backends/redisstream/internal/store/claim.lua",
		Old: `if more then out[1] = out[1] .. '+' end`,
	}},
	"redis-unique-twice": {{
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `if #left == 0 then`,
		New: `if true then`,
	}},
	"redis-unique-stays": {{
		In: "backends/redisstream/internal/loop", Decl: "(*group).coversEntry",
		Old: `|| g.outcomes[i].Delivery.Unique != 0`,
		New: ``,
	}},
	"redis-unique-apart": {{
		In: "backends/redisstream", Decl: "(*Backend).partitionOf",
		Old: `text = m.Type.Name`,
		New: `text = string(m.ID[:])`,
	}},
}
