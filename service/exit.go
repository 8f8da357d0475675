package service

import (
	"errors"
	"fmt"
	"os"
)

// How a Run may end.
var (
	// ErrConfig says that the service did not start: its configuration, an address, or the backend's URL is wrong. A new start does not
	// mend that. An error of Setup does not match it, unless Setup says so by wrapping it.
	ErrConfig = errors.New("the service did not start")
	// ErrCutShort says that the service stopped as it was told, and that requests or handlers did not end in time. Their events are not
	// lost: other processes handle them again.
	ErrCutShort = errors.New("the drain was cut short")
)

// Exit codes of a service.
const (
	ExitStopped  = 0 // it was told to stop, and has drained, or had not started yet
	ExitFailed   = 1 // it ended by itself: Setup or a server failed, the backend gave up, an organ was halted
	ExitConfig   = 2 // ErrConfig
	ExitCutShort = 3 // ErrCutShort
)

// ExitCode returns the exit code for what Run returned.
func ExitCode(err error) int {
	switch {
	case err == nil:
		return ExitStopped
	case errors.Is(err, ErrConfig):
		return ExitConfig
	case errors.Is(err, ErrCutShort):
		return ExitCutShort
	}
	return ExitFailed
}

// Exit ends the process as Run has ended. It writes the error to standard error.
func Exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(ExitCode(err))
}
