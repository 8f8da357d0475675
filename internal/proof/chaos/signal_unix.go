//go:build unix

package main

import "syscall"

// stop freezes the child: its connections stay open, and it does nothing.
func (p *process) stop() error { return p.cmd.Process.Signal(syscall.SIGSTOP) }

// resume ends what stop began.
func (p *process) resume() error { return p.cmd.Process.Signal(syscall.SIGCONT) }
