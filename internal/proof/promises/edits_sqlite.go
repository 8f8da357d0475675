package main

import "github.com/necrostack/necrogen/internal/proof/sabotage"

// sqliteEdits break backends/sqlite.
var sqliteEdits = map[string][]sabotage.Edit{
	"sqlite-put-aside-passed": {{
		In: "backends/sqlite", Decl: "(*taking).isHeld",
		Old: `next != 0 && next < c.id`,
		New: `next < 0`,
	}},
	"sqlite-delay-at-once": {{
		In: "backends/sqlite", Decl: "(*transaction).storeMessage",
		Old: `m.Due != 0`,
		New: `false`,
	}},
	"sqlite-state-unmatched": {{
		In: "backends/sqlite", Decl: "(*stateChanges).takesPart",
		Old: `change.mark != o.State.Read`,
		New: `false`,
	}},
	"sqlite-state-of-the-lost": {{
		In: "backends/sqlite", Decl: "(*transaction).compareStates",
		Old: `there != 0`,
		New: `there != 0 || true`,
	}},
	"sqlite-state-rewritten": {{
		In: "backends/sqlite", Decl: "(*stateChanges).takesPart",
		Old: `
			change.mark, change.write = o.State.Write, o.State
		}
		return true, nil`,
		New: `
			change.mark, change.write = o.State.Write, o.State
		}
		return true, s.saveRecords(t)`,
	}},
	"sqlite-state-unswept": {{
		In: "backends/sqlite", Decl: "(*watcher).sweepStates",
		Old: `over != 0`,
		New: `over != 0 && false`,
	}},
	"sqlite-rate-apart": {{
		In: "backends/sqlite", Decl: "(*Backend).TakeTokens",
		Old: "_, err = t.exec(`INSERT OR REPLACE INTO rate (organ, spent) VALUES (?, ?)`, organ, spent)",
	}},
	"sqlite-unique-twice": {{
		In: "backends/sqlite", Decl: "(*transaction).settleUnique",
		Old: "`DELETE FROM uniq WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM unsettled WHERE id = ?1)`",
		New: "`DELETE FROM uniq WHERE id = ?1`",
	}},
	"sqlite-older-file": {{
		In: "backends/sqlite", Decl: "prepareFile",
		Old: `return s.runScript(stateSchema + everySchema + rateSchema + uniqueSchema)`,
		New: `return nil`,
	}},
	"sqlite-state-stays": {{
		In: "backends/sqlite", Decl: "(*Backend).RemoveOrgan",
		Old: `"consumer", "state"`,
		New: `"consumer"`,
	}},
}
