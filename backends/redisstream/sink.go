package redisstream

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

func (s *sink) isFull() bool { return s.most > 0 && len(s.b) > s.most }

func (s *sink) Write(b []byte) (int, error) {
	if s.isFull() {
		return 0, errTooLarge
	}
	s.b = append(s.b, b...)
	return len(b), nil
}

// ReadFrom is what io.Copy looks for.
func (s *sink) ReadFrom(r io.Reader) (n int64, err error) {
	for {
		if len(s.b) == cap(s.b) {
			s.b = slices.Grow(s.b, 512)
		}
		got, err := r.Read(s.b[len(s.b):cap(s.b)])
		s.b = s.b[:len(s.b)+got]
		n += int64(got)
		if s.isFull() {
			return n, errTooLarge
		}
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}
