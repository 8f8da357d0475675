// Package operate holds what the command necroctl and the console do alike over the interfaces of the contract.
//
//	organs.go    the state of an organ in one word
//	age.go       a duration as people read it
//	diagnose.go  what is wrong with a backend, and with its schedules
//	chain.go     the tree of a chain
//	escape.go    characters that are not printable, as Go writes them
package operate
