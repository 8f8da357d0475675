// Package analyzers reports what handlers must not do, and the compiler lets them: mistakes that
// show as a data race, a lost event or a chain that differs from run to run.
//
//	eventwrite   a handler writes to its event, or keeps a reference to it
//	goroutine    a handler starts a goroutine that outlives it, or waits in a loop without its context
//	emitlate     a handler calls Emit later or elsewhere
//	publish      a handler publishes on a spine
//	organstate   an organ has state that is not safe
//	lintignore   a comment that silences one of them is malformed
//
// Where a rule cannot be sure it is silent: a finding is to be a mistake. docs/vet.md tells users the findings,
// and how one is silenced.
//
//	subjects.go     the organs and handlers of a package; all analyzers begin there
//	ignore.go       //lint:ignore necro/NAME reason
//	report.go       the form of a finding
//	source.go       from an instruction back to its source
//	calls.go        which function a call is of
//	memory.go       which values refer to the memory of an event or of an organ
//	cell.go         values in local variables
//	writes.go       writes to such memory, also by functions of the package that are called
//	eventwrite.go   keep.go   goroutine.go   loop.go   emitlate.go   publish.go   organstate.go
//
// The analyzers have no facts, so nothing is analysed in packages that are only imported.
package analyzers
