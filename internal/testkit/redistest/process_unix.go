//go:build unix

package redistest

import (
	"syscall"

	"github.com/necrostack/necrogen/internal/testkit/serverprocess"
)

func stopProcess(p *serverprocess.Process) error   { return p.Signal(syscall.SIGSTOP) }
func resumeProcess(p *serverprocess.Process) error { return p.Signal(syscall.SIGCONT) }
