package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// child is a worker process, seen from outside.
type child struct {
	name    string
	role    role
	cmd     *exec.Cmd
	alive   io.Closer     // its standard input
	listens chan struct{} // closed when the process takes signals, or has ended
	ended   chan struct{}
	log     string // its standard error
}

// startChild starts a process of this program in a role.
func startChild(program, dir, name string, r role) (*child, error) {
	r.Diary = filepath.Join(dir, name+".diary")
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	c := &child{name: name, role: r, listens: make(chan struct{}), ended: make(chan struct{}), log: filepath.Join(dir, name+".log")}
	log, err := os.Create(c.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	c.cmd = exec.Command(program, "worker", string(text))
	c.cmd.Stderr = log
	if c.alive, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	said, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go c.watch(said)
	return c, nil
}

// watch waits for the first byte of what the process says, which means that it takes signals, and then for its end.
func (c *child) watch(said io.Reader) {
	said.Read(make([]byte, 1)) // an error means that it has ended
	close(c.listens)
	io.Copy(io.Discard, said)
	c.cmd.Wait() // how it ended is read from its state
	close(c.ended)
}

// kill ends the process as a crash would.
func (c *child) kill() {
	c.cmd.Process.Kill() // fails when it is gone already
	<-c.ended
}

// hasEnded reports whether the process has ended.
func (c *child) hasEnded() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// stop lets the process stop by itself. It is an error when it does not, or fails. The signal waits until the process
// takes signals, because one that comes earlier kills it.
func (c *child) stop() error {
	late := time.After(time.Minute)
	select {
	case <-c.listens:
		c.cmd.Process.Signal(syscall.SIGTERM)
	case <-late:
		c.kill()
		return fmt.Errorf("%s does not listen within a minute: %s", c.name, c.lastWords())
	}
	select {
	case <-c.ended:
	case <-late:
		c.kill()
		return fmt.Errorf("%s does not stop within a minute: %s", c.name, c.lastWords())
	}
	if !c.cmd.ProcessState.Success() {
		return fmt.Errorf("%s ended: %v: %s", c.name, c.cmd.ProcessState, c.lastWords())
	}
	return nil
}

// lastWords are the end of what the process printed.
func (c *child) lastWords() string {
	text, err := os.ReadFile(c.log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-1500):])
}
