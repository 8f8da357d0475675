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
		In: "runtime/necrotest", Decl: "(*linked).compare",
		Old: `slices.EqualFunc(first, second, (*storedEvent).same)`,
		New: `len(first) == len(second)`,
	}},
	"exhaust-spares": {{
		In: "runtime/necrotest", Decl: "(*link).do",
		Old: `
			case crashBefore:
				l.crash()
				return necro.ErrClosed`,
		New: `case crashBefore:`,
	}},
	"standstill-blurred": {{
		In: "runtime/necrotest", Decl: "standstill",
		Old: `g.number, g.state, g.stack`,
		New: `g.number, "", ""`,
	}},
	"world-not-cleaned": {{
		In: "runtime/necrotest", Decl: "(*run).do",
		Old: `defer r.world.clean()`,
	}},
	"check-cached": {{
		In: "runtime/necrotest", Decl: "Check",
		Old: `touch(root)`,
	}},
}
