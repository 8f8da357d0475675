package postgrestest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
)

// process is one run of a server.
type process struct {
	cmd   *exec.Cmd
	log   string
	from  int64         // where the log of this run begins
	ended chan struct{} // closed when the process is gone
}

// startProcess starts a program in a folder, as the account that servers run as.
func startProcess(dir, path string, args []string) (*process, error) {
	account, err := findAccount()
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(dir, "postgres.log"), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	info, err := log.Stat()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = dir, log, log, account.attributes()
	p := &process{cmd: cmd, log: log.Name(), from: info.Size(), ended: make(chan struct{})}
	started := make(chan error)
	go p.serve(started)
	return p, <-started
}

// serve starts the process, and waits for its end. It keeps its thread so long, because on Linux a process that is to end
// with its parent ends with the thread that started it.
func (p *process) serve(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err == nil {
		p.cmd.Wait() // its error is that we ended it, or is in the log
	}
	close(p.ended)
}

func (p *process) signal(s syscall.Signal) {
	p.cmd.Process.Signal(s) // fails when the process is gone already
}

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// readLog returns what the process printed.
func (p *process) readLog() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text[min(p.from, int64(len(text))):])
}

// findProgram looks for a program of PostgreSQL: that of the newest version that Debian has installed, else one in PATH.
func findProgram(name string) (string, error) {
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name); len(found) > 0 {
		return slices.Max(found), nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("the tests need PostgreSQL: apt-get install postgresql: %w", err)
	}
	return path, nil
}
