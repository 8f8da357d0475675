package redistest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// process is one run of a server.
type process struct {
	cmd     *exec.Cmd
	logFile string
	logFrom int64         // where the log of this run begins
	ended   chan struct{} // closed when the process is gone
}

// startProgram starts a program in a folder, with variables beside those of this process. Its output goes to a log file
// there.
func startProgram(dir, path string, args []string, env ...string) (*process, error) {
	log, err := os.OpenFile(filepath.Join(dir, "redis-server.log"), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o666)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	info, err := log.Stat()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = dir, log, log, processAttributes()
	p := &process{cmd: cmd, logFile: log.Name(), logFrom: info.Size(), ended: make(chan struct{})}
	started := make(chan error)
	go p.serveProcess(started)
	return p, <-started
}

// serveProcess starts the process, and waits for its end. It keeps its thread so long, because on
// Linux a process whose parent is to outlive it ends with the thread that started it.
func (p *process) serveProcess(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err == nil {
		p.cmd.Wait() // its error is that we killed it, or stands in the log
	}
	close(p.ended)
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// kill ends the process, and returns when it is gone.
func (p *process) kill() {
	p.cmd.Process.Kill() // fails when it is gone already
	<-p.ended
}

// readLog returns what the process printed.
func (p *process) readLog() string {
	text, err := os.ReadFile(p.logFile)
	if err != nil {
		return err.Error()
	}
	return string(text[min(p.logFrom, int64(len(text))):])
}

// endFailure tells why the process ended by itself.
func (p *process) endFailure() error {
	if strings.Contains(p.readLog(), "Address already in use") {
		return syscall.EADDRINUSE
	}
	return fmt.Errorf("ended: %v", p.cmd.ProcessState)
}
