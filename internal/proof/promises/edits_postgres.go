package main

import "github.com/necrostack/necrogen/internal/proof/sabotage"

// postgresEdits break backends/postgres.
var postgresEdits = map[string][]sabotage.Edit{
	"postgres-token-reused": {{
		In: "backends/postgres", Decl: "(*consumer).takeReady",
		Old: `rand.Int64()`,
		New: `1`,
	}},
	"postgres-state-unmatched": {{
		In: "backends/postgres", Decl: "stateChanges.takesPart",
		Old: `change.mark != o.State.Read`,
		New: `false`,
	}},
	"postgres-beside-transaction": {{
		In: "backends/postgres", Decl: "(*Backend).publishInside",
		Old: `if !joined`,
		New: `if true`,
	}},
	"postgres-late-park-stays": {{
		In: "backends/postgres", Decl: "(*watcher).renewProcess",
		Old: `, w.b.handLate(ctx)`,
		New: ``,
	}},
	"postgres-any-number": {{
		In: "backends/postgres", Decl: "(*row).between",
		Old: `max(least, min(r.integer(), most))`,
		New: `r.integer()`,
	}},
	"postgres-password-told": {{
		In: "backends/postgres", Decl: "withoutSecret",
		Old: `password == "" || !strings.Contains(err.Error(), password)`,
		New: `password == "" || strings.Contains(err.Error(), "")`,
	}},
	"postgres-stranger-unexplained": {{
		In: "backends/postgres", Decl: "(*Backend).explainError",
		Old: `what != ""`,
		New: `what == "nothing"`,
	}},
	"postgres-late-lane-owner": {{
		In: "backends/postgres", Decl: "(*consumer).renewLaneSteps",
		Old: `{text: loseLanes, values: []any{c.organ.number, c.number}},`,
		New: ``,
	}},
	"postgres-lanes-unowned": {{
		In: "backends/postgres", Decl: "takeFromLanes",
		Old: "` AND seq < (SELECT seq FROM first) AND (spread & 2147483647) % $7 = ANY ((SELECT lanes FROM mine)::int[])`",
		New: "` AND $7::int > 0`",
	}},
	"postgres-lanes-lazy": {{
		In: "backends/postgres", Decl: "shareLanes",
		Old: `syncTaken`,
		New: "`SELECT FROM changed`",
	}},
	"postgres-unseen-kept": {{
		In: "backends/postgres", Decl: "(*consumer).takeReady",
		Old: `append(append(steps, c.unseen.releaseSteps(c)...),`,
		New: `append(steps,`,
	}},
	"postgres-pooler-unseen": {{
		In: "backends/postgres", Decl: "(*Backend).findPooler",
		Old: `process != int64(conn.PgConn().PID())`,
		New: `process == 0`,
	}},
	"postgres-pooled-settings-stay": {{
		In: "backends/postgres", Decl: "pooledBegin",
		Old: "`SET LOCAL enable_seqscan = off`",
		New: "`SET enable_seqscan = off`",
	}},
	"postgres-rate-apart": {{
		In: "backends/postgres", Decl: "(*Backend).TakeTokens",
		Old: `values: []any{organ, spent}`,
		New: `values: []any{organ, 0}`,
	}},
	"postgres-unique-twice": {{
		In: "backends/postgres", Decl: "isLast",
		Old: "`organs <@ ARRAY[$1::int]`",
		New: "`$1 > 0`",
	}},
	"postgres-unique-stays": {{
		In: "backends/postgres", Decl: "readLatest",
		Old: "`FOR UPDATE`",
		New: "``",
	}},
	"postgres-unique-over": {{
		In: "backends/postgres", Decl: "isHeld",
		Old: "`until > (SELECT {nanos}())`",
		New: "`true`",
	}},
	"postgres-unique-locks": {{
		In: "backends/postgres", Decl: "selectNew",
		Old: "`SELECT DISTINCT ON (g.id) g.* FROM given g JOIN known k ON k.ord = g.ord WHERE within > 0 AND k.id IS NULL ORDER BY g.id, g.ord`",
		New: "`SELECT DISTINCT ON (g.id) g.* FROM given g WHERE within > 0 ORDER BY g.id, g.ord`",
	}},
}
