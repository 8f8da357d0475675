package redistest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Sentinel is a primary with a replica, and a sentinel that lets the replica take over.
type Sentinel struct {
	Master   string // the name that clients ask the sentinel for
	Primary  *Server
	Replica  *Server
	Sentinel *Server
}

// StartSentinel starts the three, and returns when the replica follows and the sentinel knows
// it; this takes a moment. Replication is asynchronous, as it is anywhere. The options
// are those of Start, for primary and replica.
func StartSentinel(tb testing.TB, options ...string) *Sentinel {
	tb.Helper()
	s := &Sentinel{Master: "main"}
	s.Primary = Start(tb, append([]string{"--repl-diskless-sync-delay", "0"}, options...)...)
	s.Replica = Start(tb, append([]string{"--replicaof", "127.0.0.1 " + s.Primary.portText()}, options...)...)
	awaitReply(tb, s.Replica, "INFO replication", "master_link_status:up")
	mustSend(tb, s.Primary, "ACL SETUSER watcher on >secret ~* &* +@all")
	mustSend(tb, s.Replica, "ACL SETUSER watcher on >secret ~* &* +@all")

	dir := tb.TempDir()
	file := filepath.Join(dir, "sentinel.conf")
	if err := os.WriteFile(file, []byte(s.configText()), 0o666); err != nil {
		tb.Fatal(err)
	}
	server, err := launchServer(dir, []string{file, "--sentinel", "--bind", "127.0.0.1"})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(server.Close)
	s.Sentinel = server
	mustSend(tb, server, hurry)
	awaitReply(tb, server, "SENTINEL REPLICAS "+s.Master, s.Replica.portText(), "slave-priority")
	return s
}

// hurry makes the sentinel look more often than each second, or each ten, and bear with a
// machine that stands still for a while. All are milliseconds.
const hurry = "SENTINEL DEBUG info-period 200 ask-period 100 publish-period 200 tilt-period 1000"

// configText returns the sentinel's configuration, which it rewrites as it learns.
func (s *Sentinel) configText() string {
	return fmt.Sprintf("sentinel monitor %[1]s 127.0.0.1 %[2]d 1\n"+
		"sentinel auth-user %[1]s watcher\nsentinel auth-pass %[1]s secret\n"+
		"sentinel down-after-milliseconds %[1]s 2500\n"+
		"sentinel failover-timeout %[1]s 3000\n", s.Master, s.Primary.port)
}

// Addrs returns the addresses of the sentinels, as clients want them.
func (s *Sentinel) Addrs() []string { return []string{s.Sentinel.Addr()} }

// Failover kills the primary, and returns when the replica has taken over; this takes two or
// three seconds. A primary that is restarted later becomes a replica, after some seconds.
func (s *Sentinel) Failover(tb testing.TB) {
	tb.Helper()
	s.Primary.Kill()
	s.awaitSwitch(tb)
}

// Depose lets the sentinel lose the primary, and returns when the replica has taken over. The
// deposed primary does not learn of it: it goes on serving its clients.
func (s *Sentinel) Depose(tb testing.TB) {
	tb.Helper()
	mustSend(tb, s.Primary, "ACL SETUSER watcher -@all")
	s.awaitSwitch(tb)
}

// Hang freezes the primary, and returns when the replica has taken over.
func (s *Sentinel) Hang(tb testing.TB) {
	tb.Helper()
	if err := s.Primary.Stop(); err != nil {
		tb.Fatal(err)
	}
	s.awaitSwitch(tb)
}

func (s *Sentinel) awaitSwitch(tb testing.TB) {
	tb.Helper()
	awaitReply(tb, s.Replica, "INFO replication", "role:master")
	awaitReply(tb, s.Sentinel, "SENTINEL GET-MASTER-ADDR-BY-NAME "+s.Master, s.Replica.portText())
}
