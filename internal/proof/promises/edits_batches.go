package main

import "github.com/necrostack/necrogen/internal/proof/sabotage"

// batchEdits break batch handlers, in all packages.
var batchEdits = map[string][]sabotage.Edit{
	"batch-fails-all": {{
		In: "runtime/internal/engine", Decl: "(*Organ).mayJoin",
		Old: `d.Attempts == 0`,
		New: `true`,
	}, {
		In: "runtime/contract", Decl: "(*BatchResults).Split",
		Old: `err != nil && !errors.As(err, &failed)`,
		New: `err != nil`,
	}},
	"batch-spends": {{
		In: "runtime/internal/engine", Decl: "(*worker).runTogether",
		Old: `return w.splitCall(i)`,
		New: `for n := range call.elements {
			call.elements[n].failure = whole
		}
		return w.noteTogether(i, call, w.finishCall() && w.run.forced.Load())`,
	}},
	"batch-hangs-one": {{
		In: "runtime/internal/batch", Decl: "(*Batch).Abandon",
		Old: `end = b.endOfCall(p.Index())`,
		New: `end += 0`,
	}},
	"batch-key-twice": {{
		In: "runtime/internal/engine", Decl: "(*worker).joins",
		Old: `before[i].Key == d.Key`,
		New: `before[i].Key == d.Key && false`,
	}},
	"batch-other-parent": {{
		In: "runtime/internal/engine", Decl: "(*worker).boxElement",
		Old: `el.context.delivery`,
		New: `el.call.elements[0].context.delivery`,
	}},
	"batch-length-guessed": {{
		In: "runtime/contract", Decl: "(*BatchResults).Expect",
		Old: `n != 0 && n != len(r.Elements)`,
		New: `false`,
	}},
	"batch-waits-for-none": {{
		In: "runtime/internal/engine", Decl: "(*Organ).gatherMore",
		Old: `len(ds) >= count`,
		New: `true`,
	}},
}
