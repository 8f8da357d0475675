package redistest

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// shared is the server of this test binary, while a test uses it.
var shared struct {
	sync.Mutex
	users  int
	server *Server
	dir    string
}

// Shared returns a server that all tests of the binary share: one that stores nothing on disk, and that no test
// kills, flushes or configures. Each takes a Namespace there. The last of the tests that run ends it, so that
// nothing is left to do for TestMain; a test that calls Shared before it runs its subtests keeps it for all of
// them.
func Shared(tb testing.TB) *Server {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.users == 0 {
		if err := openShared(); err != nil {
			tb.Fatal(err)
		}
	}
	shared.users++
	tb.Cleanup(leaveShared)
	return shared.server
}

func openShared() error {
	dir, err := os.MkdirTemp("", "redistest")
	if err != nil {
		return err
	}
	server, err := Launch(dir)
	if err != nil {
		os.RemoveAll(dir)
		return err
	}
	shared.server, shared.dir = server, dir
	return nil
}

func leaveShared() {
	shared.Lock()
	defer shared.Unlock()
	shared.users--
	if shared.users > 0 {
		return
	}
	shared.server.Close()
	os.RemoveAll(shared.dir)
}

var namespaces atomic.Int64

// Namespace returns a name that it never returned before in this process: the last part of the
// test's name, and a number.
func Namespace(tb testing.TB) string {
	name := tb.Name()
	name = name[strings.LastIndexByte(name, '/')+1:]
	return fmt.Sprintf("%s-%d", strings.Map(plainRune, name), namespaces.Add(1))
}

// plainRune drops the characters that may mean something to a backend, a key or a shell.
func plainRune(r rune) rune {
	if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
		return r
	}
	return -1
}
