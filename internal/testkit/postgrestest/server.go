package postgrestest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/testkit/serverprocess"
)

// patience is how long a server may take until it answers. It takes a second when nothing else runs.
const patience = 2 * time.Minute

// Server is a PostgreSQL server. It keeps its port and its folder for life. Its methods are safe for concurrent use.
type Server struct {
	dir     string
	port    int
	options []string

	mu      sync.Mutex
	process *serverprocess.Process // guarded by mu
}

// Start starts a server that ends with the test. Options are settings such as "fsync=on", which stand behind our own.
func Start(tb testing.TB, options ...string) *Server {
	tb.Helper()
	s, err := Launch(options...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return s
}

// Launch is Start for callers that close the server themselves.
func Launch(options ...string) (*Server, error) { return launch(options, nil) }

// launch starts a server with files in the folder of its data, by their names.
func launch(options []string, files map[string][]byte) (*Server, error) {
	dir, err := os.MkdirTemp("", "postgrestest")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, options: options}
	if err = s.initialize(); err == nil {
		err = writeFiles(s.data(), files)
	}
	if err == nil {
		err = startOnFreePort(func(port int) error {
			s.port = port
			return s.start()
		})
	}
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	return s, nil
}

// defaults are the settings of every server. Nothing is synced, because a sync takes as long as the disk likes; a kill of the
// server loses nothing by that, because the system keeps what was written.
var defaults = []string{
	"listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=400", "shared_buffers=64MB",
	"full_page_writes=off", "autovacuum_naptime=5s",
}

// User and Password are those of the superuser.
const (
	User     = "necro"
	Password = "hush-hush"
)

// initialize makes the folder of the data.
func (s *Server) initialize() error {
	account, err := findAccount()
	if err != nil {
		return err
	}
	if err := account.own(s.dir); err != nil {
		return err
	}
	if err := writeFiles(s.dir, map[string][]byte{"password": []byte(Password)}); err != nil {
		return err
	}
	path, err := findProgram("initdb")
	if err != nil {
		return err
	}
	cmd := exec.Command(path, "-D", s.data(), "-U", User, "-E", "UTF8", "--locale=C", "-A", "scram-sha-256", "--pwfile", "password", "--no-sync")
	cmd.Dir, cmd.SysProcAttr = s.dir, account.attributes()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// start starts the process, and waits until it answers.
func (s *Server) start() error {
	path, err := findProgram("postgres")
	if err != nil {
		return err
	}
	args := []string{"-D", s.data(), "-p", fmt.Sprint(s.port)}
	for _, setting := range slices.Concat(defaults, s.options) {
		args = append(args, "-c", setting)
	}
	p, err := startProcess(s.dir, path, args)
	if err != nil {
		return err
	}
	if err := s.awaitAnswer(p); err != nil {
		p.Signal(syscall.SIGQUIT)
		<-p.Ended
		return err
	}
	s.process = p
	return nil
}

func (s *Server) awaitAnswer(p *serverprocess.Process) error {
	ready, err := findProgram("pg_isready")
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(patience); ; {
		if exec.Command(ready, "-q", "-h", "127.0.0.1", "-p", fmt.Sprint(s.port)).Run() == nil && !p.HasEnded() {
			return nil
		}
		switch {
		case p.HasEnded():
			return fmt.Errorf("postgres ended: %s", p.ReadLog())
		case time.Now().After(deadline):
			return fmt.Errorf("postgres does not answer within %v: %s", patience, p.ReadLog())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// URL returns the address of the database postgres, with the superuser's password.
func (s *Server) URL() string {
	return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/postgres?sslmode=disable", User, Password, s.port)
}

// Addr returns the server's host and port.
func (s *Server) Addr() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// Kill ends the main process as kill -9 does, and returns when it is gone: the others notice, and end.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// StopImmediately ends the server as pg_ctl stop -m immediate does: it recovers when it starts again.
func (s *Server) StopImmediately() { s.end(syscall.SIGQUIT) }

func (s *Server) end(signal syscall.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		s.process.Signal(signal)
		<-s.process.Ended
	}
}

// Restart starts the server again after one of these, on its port, and returns when it answers.
func (s *Server) Restart() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		err := s.start() // the processes of the former run may not have noticed yet
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

// Close ends the server for good, and removes its folder.
func (s *Server) Close() {
	s.StopImmediately()
	os.RemoveAll(s.dir)
}
