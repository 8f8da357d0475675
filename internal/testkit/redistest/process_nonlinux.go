//go:build !linux

package redistest

import "syscall"

// attributes are the system's own: an interrupt at the terminal ends the server as well.
func attributes() *syscall.SysProcAttr { return nil }
