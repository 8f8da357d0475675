//go:build !linux

package redistest

import "syscall"

// processAttributes returns the system's own: an interrupt at the terminal ends the server as well.
func processAttributes() *syscall.SysProcAttr { return nil }
