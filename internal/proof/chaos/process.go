package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// process is one child.
type process struct {
	role  *role
	cmd   *exec.Cmd
	alive io.Closer     // its standard input
	ended chan struct{} // closed when it is gone
	log   string        // the name of the file that holds its output
	hands hands
}

// startChild starts a child. Its files stand in dir.
func startChild(program, dir string, o *role) (*process, error) {
	o.records = filepath.Join(dir, o.name+".records")
	p := &process{role: o, ended: make(chan struct{}), log: filepath.Join(dir, o.name+".log")}
	p.hands = hands{tail: tail{name: o.records}, held: map[visit]bool{}}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p.cmd = exec.Command(program, o.commandLine()...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if p.alive, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.cmd.Wait() // how it ended is read from its state
		close(p.ended)
	}()
	return p, nil
}

// kill ends the child as a crash would, and returns when it is gone.
func (p *process) kill() {
	p.cmd.Process.Kill() // fails when it is gone already
	<-p.ended
}

// finishSelf lets the child stop by itself. It is an error when it does not, or fails.
func (p *process) finishSelf(patience time.Duration) error {
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.kill()
		return fmt.Errorf("%s does not end within %s: %s", p.role.name, patience, p.lastWords())
	}
	return p.endFailure()
}

// endFailure tells how the child ended, unless that was well.
func (p *process) endFailure() error {
	if p.cmd.ProcessState.Success() {
		return nil
	}
	return fmt.Errorf("%s ended: %v: %s", p.role.name, p.cmd.ProcessState, p.lastWords())
}

// hasEnded reports whether the child has ended.
func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// lastWords are the end of what the child printed.
func (p *process) lastWords() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-2000):])
}
