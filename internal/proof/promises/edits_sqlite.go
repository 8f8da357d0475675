package main

import "github.com/necrostack/necrogen/internal/proof/sabotage"

// sqliteEdits break backends/sqlite.
var sqliteEdits = map[string][]sabotage.Edit{
	"sqlite-delay-at-once": {{
		In: "backends/sqlite", Decl: "(*transaction).store",
		Old: `m.Due != 0`,
		New: `false`,
	}},
}
