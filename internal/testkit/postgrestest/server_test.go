package postgrestest

import (
	"net"
	"testing"
)

// TestServerComesBack kills a server and starts it again: it answers on the same port, and Close leaves nothing that listens.
func TestServerComesBack(t *testing.T) {
	t.Parallel()
	s := Start(t)
	s.Kill()
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	s.Close()
	if conn, err := net.Dial("tcp", s.Addr()); err == nil {
		conn.Close()
		t.Error("a server answers after Close")
	}
}
