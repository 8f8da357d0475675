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
	name  string
	role  role
	cmd   *exec.Cmd
	alive io.Closer // its standard input
	ended chan struct{}
	log   string
}

// startChild starts a process of this program in a role.
func startChild(program, dir, name string, r role) (*child, error) {
	r.Diary = filepath.Join(dir, name+".diary")
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	c := &child{name: name, role: r, ended: make(chan struct{}), log: filepath.Join(dir, name+".log")}
	log, err := os.Create(c.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	c.cmd = exec.Command(program, "worker", string(text))
	c.cmd.Stdout, c.cmd.Stderr = log, log
	if c.alive, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		c.cmd.Wait() // how it ended is read from its state
		close(c.ended)
	}()
	return c, nil
}

// kill ends the process as a crash would.
func (c *child) kill() {
	c.cmd.Process.Kill() // fails when it is gone already
	<-c.ended
}

// gone reports whether the process has ended.
func (c *child) gone() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// stop lets the process stop by itself. It is an error when it does not, or fails.
func (c *child) stop() error {
	c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.ended:
	case <-time.After(time.Minute):
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
