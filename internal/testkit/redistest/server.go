package redistest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/testkit/serverprocess"
)

// patience is how long a server may take until it answers. It takes 15ms when nothing else
// runs, and seconds among thirty other programs.
const patience = time.Minute

// Server is a redis-server on a port of 127.0.0.1. It keeps its port and its folder for life.
// Its methods are safe for concurrent use.
type Server struct {
	dir  string
	port int
	args []string // after redis-server, without the port
	env  []string // of the process, beside that of this one

	mu      sync.Mutex
	process *serverprocess.Process
	closed  bool
}

// Start starts a server in a folder of the test, and ends it with the test. It stores nothing
// on disk; options are further arguments of redis-server that change this and more:
//
//	redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
func Start(tb testing.TB, options ...string) *Server {
	tb.Helper()
	s, err := Launch(tb.TempDir(), options...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return s
}

// Launch is Start for programs. The server works in dir, which exists, and leaves
// redis-server.log there; the caller closes it. On Linux it ends with this process, however
// that ends.
func Launch(dir string, options ...string) (*Server, error) {
	return launchServer(dir, append(slices.Clone(defaults), options...))
}

// defaults are the arguments of every server.
var defaults = []string{"--bind", "127.0.0.1", "--save", "", "--appendonly", "no"}

// launchServer tries ports until one is free.
func launchServer(dir string, args []string, env ...string) (*Server, error) {
	var err error
	for range 100 {
		s := &Server{dir: dir, port: randomPort(), args: args, env: env}
		if err = s.startAnswering(); err == nil {
			return s, nil
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
	}
	return nil, err
}

// randomPort returns a port that is likely to be free. It lies below those that systems give
// to outgoing connections: a server that is down keeps its port, and a client that dials such
// a port again and again would come to be connected with itself. So does the port of the
// cluster bus, which is 10000 higher.
func randomPort() int { return 10000 + rand.IntN(32768-20000) }

// Addr returns the server's host and port.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", s.portText()) }

func (s *Server) portText() string { return strconv.Itoa(s.port) }

// URL returns the server's address as clients parse it.
func (s *Server) URL() string { return "redis://" + s.Addr() }

// Kill ends the server as a crash would, and returns when it is gone. It does nothing to one
// that is gone already.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.process.Kill()
}

// Restart starts the server again, on the same port and in the same folder, and returns when
// it answers. One that still runs is killed first.
func (s *Server) Restart() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errors.New("redis-server was closed")
	}
	s.process.Kill()
	deadline := time.Now().Add(patience)
	for {
		err := s.startAnswering()
		if !errors.Is(err, syscall.EADDRINUSE) || time.Now().After(deadline) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Stop freezes the server: connections stay open, and nothing answers. It is
// errors.ErrUnsupported where there is no SIGSTOP.
func (s *Server) Stop() error { return s.withProcess(stopProcess) }

// Continue ends what Stop began.
func (s *Server) Continue() error { return s.withProcess(resumeProcess) }

func (s *Server) withProcess(what func(*serverprocess.Process) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return what(s.process)
}

// Close kills the server for good: it cannot be restarted.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.process.Kill()
}

// startAnswering starts the process, and waits until it answers. The error is EADDRINUSE when
// something else has the port.
func (s *Server) startAnswering() error {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return fmt.Errorf("these tests need a redis server: apt-get install redis-server (%w)", err)
	}
	p, err := startProgram(s.dir, path, append(s.args, "--port", s.portText()), s.env...)
	if err != nil {
		return err
	}
	s.process = p
	if err := s.awaitAnswer(); err != nil {
		p.Kill()
		return fmt.Errorf("redis-server %s: %w\n%s", strings.Join(s.args, " "), err, p.ReadLog())
	}
	return nil
}

// awaitAnswer polls until the server answers.
func (s *Server) awaitAnswer() error {
	deadline := time.After(patience)
	for {
		err := s.checkAnswer()
		if err == nil {
			return nil
		}
		select {
		case <-s.process.Ended:
			return endFailure(s.process)
		case <-deadline:
			return fmt.Errorf("does not answer within %v: %w", patience, err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// checkAnswer asks whether this very server is ready: another may have the port.
func (s *Server) checkAnswer() error {
	if _, err := askServer(s.Addr(), "PING"); err != nil {
		return err
	}
	info, err := askServer(s.Addr(), "INFO server")
	if err != nil {
		return err
	}
	if !strings.Contains(info, fmt.Sprintf("process_id:%d\r\n", s.process.PID())) {
		return fmt.Errorf("another server listens on %s", s.Addr())
	}
	return nil
}
