package main

import "github.com/necrostack/necrogen/internal/proof/sabotage"

// scheduleEdits break schedules, in all packages.
var scheduleEdits = map[string][]sabotage.Edit{
	"tick-of-each-process": {{
		In: "backends/memory", Decl: "(*Backend).Fire",
		Old: `state.FiredUpTo != f.After`,
		New: `false`,
	}},
	"tick-before-time": {{
		In: "backends/memory", Decl: "(*Backend).Fire",
		Old: `f.UpTo > state.Now`,
		New: `false`,
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
		New: `b.every[f.Schedule] = &ticking{f.UpTo, state.Now}; return contract.ScheduleState{}, contract.ErrFull`,
	}},
	"schedule-forgotten": {{
		In: "backends/memory", Decl: "(*Backend).stateOfSchedule",
		Old: `t.named = now`,
		New: `_ = t.named`,
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
		Old: `state.FiredUpTo != f.After`,
		New: `false`,
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
