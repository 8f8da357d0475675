package wire

import (
	"slices"
	"sync"
)

// Keys is room to sort the keys of a map in. The zero value is ready to use; up to 16 keys
// fit into it, more are borrowed.
type Keys struct {
	few  [16]string
	many *[]string
}

// keyPool keeps borrowed room. Its slices are cleared, so that they keep no string alive.
var keyPool = sync.Pool{New: func() any { return new([]string) }}

// Sort returns the keys of a map in bytewise order. They are valid until Free.
func Sort[K ~string, V any](s *Keys, m map[K]V) []string {
	keys := s.room(len(m))
	for k := range m {
		keys = append(keys, string(k))
	}
	sortKeys(keys)
	if s.many != nil {
		*s.many = keys
	}
	return keys
}

func (s *Keys) room(n int) []string {
	if n <= len(s.few) {
		return s.few[:0]
	}
	s.many = keyPool.Get().(*[]string)
	return slices.Grow((*s.many)[:0], n)
}

// sortKeys sorts a few keys by insertion, which is faster than a call of slices.Sort.
func sortKeys(keys []string) {
	if len(keys) > 12 {
		slices.Sort(keys)
		return
	}
	for i := 1; i < len(keys); i++ {
		k, j := keys[i], i
		for ; j > 0 && k < keys[j-1]; j-- {
			keys[j] = keys[j-1]
		}
		keys[j] = k
	}
}

// Free gives borrowed room back.
func (s *Keys) Free() {
	if s.many == nil {
		return
	}
	clear(*s.many)
	keyPool.Put(s.many)
	s.many = nil
}
