// Package lock remembers what events and states looked like, and says what a change of them breaks.
//
// A package's necro.lock holds name, version, key, fields, types and rules of every event and state that it declares. An
// addition changes the file; a change that would break a reader of stored events, or a program of the last
// release that still runs, is a Change.
//
// A package has a lock from the first run of necrogen lock on: that is when its events are released. Before,
// they may change as they like.
//
//	against.go   the packages of a topology against the locks of a git revision
//	git.go       the locks as git has them
//	moved.go     events that stand in another package now
//	plan.go      the packages of a topology against their locks -> diagnostics, new locks
//	file.go      the file
//	snapshot.go  a package of the model -> the file's form
//	compare.go   two of them -> changes
//	side.go      a value as one of the two has it
//	types.go     which types can take each other's place
//	rules.go     which rules got narrower
package lock
