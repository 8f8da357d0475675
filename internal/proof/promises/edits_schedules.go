package main

import "github.com/necrostack/necrogen/internal/proof/sabotage"

// scheduleEdits break schedules, in all packages.
var scheduleEdits = map[string][]sabotage.Edit{
	"tick-of-each-process": {{
		In: "runtime/contract", Decl: "(*ScheduleRecord).Move",
		Old: `r.FiredUpTo != f.After`,
		New: `false`,
	}},
	"tick-before-time": {{
		In: "runtime/contract", Decl: "(*ScheduleRecord).Move",
		Old: `f.UpTo > now`,
		New: `false`,
	}},
	"times-of-each-release": {{
		In: "runtime/contract", Decl: "(*ScheduleRecord).Claim",
		Old: `r.Until <= now`,
		New: `true`,
	}},
	"tick-of-former-times": {{
		In: "runtime/contract", Decl: "(*ScheduleRecord).Move",
		Old: `r.Bound != f.Bound`,
		New: `false`,
	}},
	"times-never-change": {{
		In: "runtime/contract", Decl: "(*ScheduleRecord).Claim",
		Old: `r.Until <= now`,
		New: `r.Until == 0`,
	}},
	"redis-times-of-each-release": {{
		In:  "backends/redisstream/internal/store/every.lua",
		Old: `elseif till <= now then`,
		New: `else`,
	}},
	"tick-when-renamed": {{
		In: "runtime", Decl: "(*run).keepSchedules",
		Old: `schedule.organ.EventIdentity(schedule.Type.Name)`,
		New: `schedule.Type.Name`,
	}},
	"ticks-missed": {{
		In: "runtime/internal/ticks", Decl: "(*Schedule).nextFiring",
		Old: `contract.CatchupLast`,
		New: `contract.CatchupAll + 1`,
	}},
	"ticks-of-full-backend": {{
		In: "backends/memory", Decl: "(*Backend).Fire",
		Old: `return contract.ScheduleState{}, contract.ErrFull`,
		New: `b.every[f.Schedule] = &moved; return contract.ScheduleState{}, contract.ErrFull`,
	}},
	"schedule-forgotten": {{
		In: "runtime/contract", Decl: "(*ScheduleRecord).Claim",
		Old: `r.Named = now`,
		New: `_ = r.Named`,
	}},
	"tick-in-gap": {{
		In: "internal/schedule", Decl: "instantOf",
		Old: `t = from`,
		New: `t = from.Add(time.Hour)`,
	}},
	"tick-twice-a-night": {{
		In: "internal/schedule", Decl: "firstUnseen",
		Old: `at.Sub(start) < farOffset`,
		New: `false`,
	}},
	"redis-tick-of-each-process": {{
		In:  "backends/redisstream/internal/store/every.lua",
		Old: `fired == request.after`,
		New: `true`,
	}},
	"redis-tick-before-time": {{
		In:  "backends/redisstream/internal/store/every.lua",
		Old: `request.up <= now`,
		New: `true`,
	}},
	"redis-tick-astray": {{
		In: "backends/redisstream", Decl: "(*Backend).moveSchedule",
		Old: `b.partitionOf(&contract.Message{Key: f.Schedule})`,
		New: `int(time.Now().UnixNano())%len(b.partitions)`,
	}},
	"redis-schedule-forgotten": {{
		In:  "backends/redisstream/internal/store/every.lua",
		Old: `now - named > 2592000000`,
		New: `now - named > 0`,
	}},
	"sqlite-tick-of-each-process": {{
		In: "backends/sqlite", Decl: "(*Backend).Fire",
		Old: `record.Move(&f, t.now)`,
		New: `true`,
	}},
	"sqlite-schedule-forgotten": {{
		In: "backends/sqlite", Decl: "(*Backend).FiredUpTo",
		Old: `int64(contract.ScheduleMemory)`,
		New: `0`,
	}},
	"ticks-unkept": {{
		In: "runtime", Decl: "(*Spine).addSchedules",
		Old: `!ok`,
		New: `false && !ok`,
	}},
}
