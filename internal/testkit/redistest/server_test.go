package redistest

import (
	"bufio"
	"errors"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tell sends a command that must succeed.
func tell(t *testing.T, addr, command string) string {
	t.Helper()
	reply, err := askServer(addr, command)
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	return reply
}

// must ends the test when err is not nil.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRestartKeepsPortAndFolder(t *testing.T) {
	t.Parallel()
	s := Start(t, "--appendonly", "yes", "--appendfsync", "always")
	addr := s.Addr()
	tell(t, addr, "SET key kept")
	s.Kill()
	if _, err := askServer(addr, "PING"); err == nil {
		t.Fatal("a killed server answers")
	}
	must(t, s.Restart())
	if got := tell(t, s.Addr(), "GET key"); !strings.Contains(got, "kept") || s.Addr() != addr {
		t.Errorf("after the restart %s holds %q", s.Addr(), got)
	}
}

func TestServerStoresNothingByDefault(t *testing.T) {
	t.Parallel()
	s := Start(t)
	tell(t, s.Addr(), "SET key lost")
	must(t, s.Restart()) // kills it first
	if got := tell(t, s.Addr(), "EXISTS key"); got != ":0\r\n" {
		t.Errorf("EXISTS key: %q", got)
	}
	s.Close()
	if err := s.Restart(); err == nil {
		t.Error("a closed server was restarted")
	}
}

func TestStoppedServerAnswersLater(t *testing.T) {
	t.Parallel()
	s := Start(t)
	conn, err := net.Dial("tcp", s.Addr())
	must(t, err)
	defer conn.Close()
	if err := s.Stop(); errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	must(t, conn.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
	_, err = conn.Write([]byte("PING\r\n"))
	must(t, err)
	answers := bufio.NewReader(conn)
	if _, err := answers.Peek(1); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a stopped server answers: %v", err)
	}
	must(t, s.Continue())
	must(t, conn.SetReadDeadline(time.Now().Add(patience)))
	if got, err := answers.ReadString('\n'); got != "+PONG\r\n" {
		t.Errorf("after Continue: %q, %v", got, err)
	}
}

func TestPortOfAnotherIsNotTaken(t *testing.T) {
	t.Parallel()
	other := Start(t)
	s := &Server{dir: t.TempDir(), port: other.port, args: other.args}
	if err := s.startAnswering(); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("start on the port of another server: %v", err)
	}
}

func TestLaunchTellsWhy(t *testing.T) {
	_, err := Launch(t.TempDir(), "--no-such-option", "1")
	if err == nil || !strings.Contains(err.Error(), "Bad directive") {
		t.Errorf("with a bad option: %v", err)
	}
	t.Setenv("PATH", "")
	_, err = Launch(t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "apt-get install redis-server") {
		t.Errorf("without redis-server: %v", err)
	}
}

// TestServerEndsWithItsParent kills a process that started a server: this test, run once more.
func TestServerEndsWithItsParent(t *testing.T) {
	const role = "REDISTEST_PARENT"
	if os.Getenv(role) != "" {
		os.Stdout.WriteString(Start(t).Addr() + "\n")
		select {}
	}
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends a process with its parent")
	}
	parent := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	parent.Env = append(os.Environ(), role+"=1", "TMPDIR="+t.TempDir())
	output, err := parent.StdoutPipe()
	must(t, err)
	must(t, parent.Start())
	addr, err := bufio.NewReader(output).ReadString('\n')
	must(t, err)
	addr = strings.TrimSpace(addr)
	tell(t, addr, "PING")
	must(t, parent.Process.Kill())
	parent.Wait() // fails, since it was killed
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		if _, err := askServer(addr, "PING"); err != nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the server at %s outlives its parent", addr)
		}
	}
}
