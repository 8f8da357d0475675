package redistest

import "syscall"

// processAttributes let the server end with this process, even when that is killed, and keep the
// terminal's interrupt from it, which the program that started it may want to handle first.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
