package wire

import (
	"cmp"
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
	if len(m) > len(s.few) {
		return sortMany(s, m)
	}
	keys := s.few[:0]
	for k := range m {
		keys = append(keys, string(k))
	}
	sortFew(keys)
	return keys
}

// sortMany is apart so that the compiler sees that few stays on the stack.
func sortMany[K ~string, V any](s *Keys, m map[K]V) []string {
	s.many = keyPool.Get().(*[]string)
	keys := slices.Grow((*s.many)[:0], len(m))
	for k := range m {
		keys = append(keys, string(k))
	}
	slices.Sort(keys)
	*s.many = keys
	return keys
}

// sortFew sorts by insertion, which is faster for a few than a call of slices.Sort.
func sortFew[K cmp.Ordered](keys []K) {
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
