package postgrestest

import "syscall"

// processAttributes let the server end with this process, even when that is killed, and keep the terminal's interrupt from it.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT, Setpgid: true}
}
