package postgrestest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/testkit/serverprocess"
)

// Pooler is a PgBouncer in front of a server, in transaction mode. It keeps its port and its folder for life. Its methods are
// safe for concurrent use.
type Pooler struct {
	dir  string
	port int

	mu      sync.Mutex
	process *serverprocess.Process // guarded by mu
}

// StartPooler starts a pooler that ends with the test. It has fewer sessions of the server than its clients have connections, so
// that these take turns in them.
func StartPooler(tb testing.TB, s *Server) *Pooler {
	tb.Helper()
	p := &Pooler{dir: tb.TempDir()}
	if err := p.writeConfig(s); err != nil {
		tb.Fatal(err)
	}
	err := startOnFreePort(func(port int) error {
		p.port = port
		return p.Start()
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.Stop)
	return p
}

// poolerConfig is the configuration but for its port. Users are those of a file, with a password in plain, because the pooler
// logs in at the server by it.
const poolerConfig = `[databases]
postgres = host=127.0.0.1 port=%d dbname=postgres

[pgbouncer]
listen_addr = 127.0.0.1
unix_socket_dir =
auth_type = scram-sha-256
auth_file = users.txt
pool_mode = transaction
default_pool_size = 3
max_client_conn = 200
server_reset_query =
`

// writeConfig writes the files of the pooler, which may read them.
func (p *Pooler) writeConfig(s *Server) error {
	account, err := findAccount()
	if err != nil {
		return err
	}
	if err := account.own(p.dir); err != nil {
		return err
	}
	if err := os.Chmod(filepath.Dir(p.dir), 0o755); err != nil { // the folder of the test, which is another user's
		return err
	}
	return writeFiles(p.dir, map[string][]byte{
		"pgbouncer.ini": fmt.Appendf(nil, poolerConfig, s.port),
		"users.txt":     fmt.Appendf(nil, "%q %q\n", User, Password),
	})
}

// Start starts the process, also after Stop, and returns when it answers.
func (p *Pooler) Start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	path, err := findPooler()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(p.dir, "pgbouncer.ini"))
	if err != nil {
		return err
	}
	if err := writeFiles(p.dir, map[string][]byte{"started.ini": fmt.Appendf(text, "listen_port = %d\n", p.port)}); err != nil {
		return err
	}
	process, err := startProcess(p.dir, path, []string{"started.ini"})
	if err != nil {
		return err
	}
	if err := p.awaitAnswer(process); err != nil {
		process.Kill()
		return err
	}
	p.process = process
	return nil
}

func (p *Pooler) awaitAnswer(process *serverprocess.Process) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", p.addr())
		switch {
		case process.HasEnded():
			return fmt.Errorf("pgbouncer ended: %s", process.ReadLog())
		case err == nil:
			return conn.Close()
		case time.Now().After(deadline):
			return fmt.Errorf("pgbouncer does not answer within %v: %s", patience, process.ReadLog())
		}
	}
}

func (p *Pooler) addr() string { return fmt.Sprintf("127.0.0.1:%d", p.port) }

// URL returns the address of the database postgres by way of the pooler.
func (p *Pooler) URL() string {
	return fmt.Sprintf("postgres://%s:%s@%s/postgres?sslmode=disable", User, Password, p.addr())
}

// Stop ends the process at once, with the connections of its clients.
func (p *Pooler) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.process != nil {
		p.process.Signal(syscall.SIGTERM)
		<-p.process.Ended
	}
}

// findPooler looks for PgBouncer in PATH, and where Debian puts it.
func findPooler() (string, error) {
	for _, name := range []string{"pgbouncer", "/usr/sbin/pgbouncer"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("the tests need PgBouncer: apt-get install pgbouncer")
}
