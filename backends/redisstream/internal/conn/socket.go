package conn

import (
	"net"
	"syscall"
	"time"
)

const (
	writePiece = 64 << 10  // bytes that are written under one deadline
	slowest    = 256 << 10 // bytes a second that a connection may be slow as
)

// socket is a connection whose timeout counts from its last progress: an answer of megabytes
// over a slow network takes as long as it needs, and a server that falls silent is noticed after
// idle. Deadlines that its client sets are kept. Apart from Close it belongs to the one
// goroutine that has taken it from the client's pool.
type socket struct {
	net.Conn
	node   *Node
	idle   time.Duration // 0 for no limit
	readBy time.Time     // deadline of the client's call; zero for none
	sendBy time.Time
	unread int // bytes that were written since something was read
}

// rawSocket is a socket over a connection of the system. The pool of go-redis looks into it, to
// see whether the server has closed it.
type rawSocket struct {
	*socket
	syscall.Conn
}

// newSocket returns a socket that the node knows until it is closed.
func newSocket(n *Node, conn net.Conn, idle time.Duration) net.Conn {
	s := &socket{Conn: conn, node: n, idle: idle}
	n.mu.Lock()
	n.sockets[s] = true
	n.mu.Unlock()
	if raw, ok := conn.(syscall.Conn); ok {
		return rawSocket{s, raw}
	}
	return s
}

// SetDeadline keeps a deadline of the client, for the steps to come.
func (s *socket) SetDeadline(t time.Time) error {
	s.readBy, s.sendBy = t, t
	return s.Conn.SetDeadline(t) // a deadline that has passed would fail a look into the connection
}

// SetReadDeadline is SetDeadline for reading. The connection learns of it with the next step.
func (s *socket) SetReadDeadline(t time.Time) error {
	s.readBy = t
	return nil
}

// SetWriteDeadline is SetDeadline for writing.
func (s *socket) SetWriteDeadline(t time.Time) error {
	s.sendBy = t
	return nil
}

// stepLimit returns until when the next step must have been made, which is about so many bytes: never later than
// the client's own deadline.
func (s *socket) stepLimit(by time.Time, bytes int) time.Time {
	if s.idle <= 0 {
		return by
	}
	limit := time.Now().Add(s.idle + time.Duration(bytes)*time.Second/slowest)
	if !by.IsZero() && by.Before(limit) {
		return by
	}
	return limit
}

// Read gives the answer longer after a large command, which may still be on its way.
func (s *socket) Read(b []byte) (int, error) {
	if err := s.Conn.SetReadDeadline(s.stepLimit(s.readBy, s.unread)); err != nil {
		return 0, err
	}
	n, err := s.Conn.Read(b)
	if n > 0 {
		s.unread = 0
	}
	return n, err
}

// Write writes piece by piece, each with a deadline of its own, so that a large command over a slow network takes
// as long as it needs.
func (s *socket) Write(b []byte) (n int, err error) {
	for err == nil && n < len(b) {
		piece := b[n:min(len(b), n+writePiece)]
		if err = s.Conn.SetWriteDeadline(s.stepLimit(s.sendBy, 0)); err != nil {
			break
		}
		var sent int
		sent, err = s.Conn.Write(piece)
		n += sent
	}
	s.unread += n
	return n, err
}

// Close closes the connection, and has its node forget it.
func (s *socket) Close() error {
	s.node.mu.Lock()
	delete(s.node.sockets, s)
	s.node.mu.Unlock()
	return s.Conn.Close()
}
