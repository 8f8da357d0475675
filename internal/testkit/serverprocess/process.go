// Package serverprocess runs the servers that tests start: one process after the other over one log file, each of which ends
// with the test's own process.
package serverprocess

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// Process is one run of a server. It is safe for concurrent use.
type Process struct {
	Ended <-chan struct{} // closed when the process is gone

	cmd  *exec.Cmd
	log  string
	from int64 // where the log of this run begins
}

// Start starts a command, whose output goes to the end of a log file.
func Start(cmd *exec.Cmd, logFile string) (*Process, error) {
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	info, err := log.Stat()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = log, log
	started, ended := make(chan error), make(chan struct{})
	go serve(cmd, started, ended)
	return &Process{Ended: ended, cmd: cmd, log: logFile, from: info.Size()}, <-started
}

// serve starts a process, and waits for its end. It keeps its thread so long, because on Linux a process that is to end
// with its parent ends with the thread that started it.
func serve(cmd *exec.Cmd, started chan<- error, ended chan<- struct{}) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cmd.Start()
	started <- err
	if err == nil {
		cmd.Wait() // its error is that we ended it, or is in the log
	}
	close(ended)
}

// PID is the number of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// State is how the process ended, once it has.
func (p *Process) State() *os.ProcessState { return p.cmd.ProcessState }

// Signal sends a signal. It fails when the process is gone already.
func (p *Process) Signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

// Kill ends the process, and returns when it is gone.
func (p *Process) Kill() {
	p.cmd.Process.Kill() // fails when it is gone already
	<-p.Ended
}

// HasEnded reports whether the process is gone.
func (p *Process) HasEnded() bool {
	select {
	case <-p.Ended:
		return true
	default:
		return false
	}
}

// ReadLog returns what the process printed.
func (p *Process) ReadLog() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text[min(p.from, int64(len(text))):])
}
