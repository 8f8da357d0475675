// Package cli holds what command-line examples share: exit codes, logging, a progress
// bar, an interactive mode, and numbers as people read them.
package cli

// Exit codes.
const (
	ExitDone        = 0   // all done
	ExitWrong       = 1   // done, but something of the input or of the work was wrong
	ExitUsage       = 2   // could not run: arguments, files
	ExitInterrupted = 130 // stopped by Ctrl-C; the work taken in was finished
)
