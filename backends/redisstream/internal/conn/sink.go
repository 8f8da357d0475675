package conn

import (
	"io"
	"slices"
)

// sink takes in a reply with large strings: they go from the connection to where they stay. It refuses a reply
// larger than most, unless that is 0.
type sink struct {
	b    []byte
	most int
}

// isFull reports whether the reply is larger than it may be.
func (s *sink) isFull() bool { return s.most > 0 && len(s.b) > s.most }

// Write takes in small parts of a reply.
func (s *sink) Write(b []byte) (int, error) {
	if s.isFull() {
		return 0, ErrTooLarge
	}
	s.b = append(s.b, b...)
	return len(b), nil
}

// ReadFrom takes in a part from the connection itself, without a buffer between: io.Copy looks for this method.
// It grows the reply by what comes, whatever length the server has announced.
func (s *sink) ReadFrom(r io.Reader) (n int64, err error) {
	for {
		if len(s.b) == cap(s.b) {
			s.b = slices.Grow(s.b, 512)
		}
		got, err := r.Read(s.b[len(s.b):cap(s.b)])
		s.b = s.b[:len(s.b)+got]
		n += int64(got)
		if s.isFull() {
			return n, ErrTooLarge
		}
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}
