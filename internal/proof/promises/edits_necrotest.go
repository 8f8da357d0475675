package main

import "github.com/necrostack/necrogen/internal/proof/sabotage"

// necrotestEdits break the test kit of users.
var necrotestEdits = map[string][]sabotage.Edit{
	"advance-stops-short": {{
		In: "runtime/necrotest", Decl: "(*Kit).Advance",
		Old: `
			time.Sleep(d)
			synctest.Wait()
			stop()`,
		New: `
			time.Sleep(d)
			stop()`,
	}},
	"exhaust-calls-once": {{
		In: "runtime/necrotest", Decl: "(*linked).compareResults",
		Old: `first.sameAs(second)`,
		New: `len(first.emits) == len(second.emits)`,
	}},
	"exhaust-forgets-state": {{
		In: "runtime/necrotest", Decl: "listOtherStates",
		Old: `w.sameAs(g)`,
		New: `true`,
	}},
	"exhaust-spares": {{
		In: "runtime/necrotest", Decl: "(*link).makeCall",
		Old: `
			case crashBefore:
				l.crashProgram()
				return necro.ErrClosed`,
		New: `case crashBefore:`,
	}},
	"standstill-blurred": {{
		In: "runtime/necrotest", Decl: "describeStandstill",
		Old: `g.number, g.state, g.stack`,
		New: `g.number, "", ""`,
	}},
	"world-not-cleaned": {{
		In: "runtime/necrotest", Decl: "(*run).runWorld",
		Old: `defer r.world.runCleanups()`,
	}},
	"check-cached": {{
		In: "runtime/necrotest", Decl: "Check",
		Old: `readFolders(root)`,
	}},
}
