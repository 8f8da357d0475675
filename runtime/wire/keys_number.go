package wire

import (
	"math"
	"slices"
	"sync"
)

// Ints, Uints and Floats are room to sort the numeric keys of a map in, as Keys is for strings.
type (
	Ints   = Numbers[int64]
	Uints  = Numbers[uint64]
	Floats = Numbers[float64]
)

// Numbers is room to sort numbers in. The zero value is ready to use; up to 16 fit into it, more
// are borrowed.
type Numbers[N int64 | uint64 | float64] struct {
	few  [16]N
	many *[]N
}

type numeric interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 |
		~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// intPool, uintPool and floatPool keep borrowed room.
var (
	intPool   = sync.Pool{New: func() any { return new([]int64) }}
	uintPool  = sync.Pool{New: func() any { return new([]uint64) }}
	floatPool = sync.Pool{New: func() any { return new([]float64) }}
)

func numberPool[N int64 | uint64 | float64]() *sync.Pool {
	switch any(N(0)).(type) {
	case int64:
		return &intPool
	case uint64:
		return &uintPool
	}
	return &floatPool
}

// SortNumbers returns the keys of a map by value. They are valid until Free.
func SortNumbers[N int64 | uint64 | float64, K numeric, V any](s *Numbers[N], m map[K]V) []N {
	if len(m) > len(s.few) {
		return sortManyNumbers(s, m)
	}
	keys := s.few[:0]
	for k := range m {
		keys = append(keys, N(k))
	}
	sortFew(keys)
	return keys
}

// sortManyNumbers is apart so that the compiler sees that few stays on the stack.
func sortManyNumbers[N int64 | uint64 | float64, K numeric, V any](s *Numbers[N], m map[K]V) []N {
	s.many = numberPool[N]().Get().(*[]N)
	keys := slices.Grow((*s.many)[:0], len(m))
	for k := range m {
		keys = append(keys, N(k))
	}
	slices.Sort(keys)
	*s.many = keys
	return keys
}

// SortFloats is SortNumbers for floats. NaN, which no reader could look up, is an error.
func SortFloats[K ~float32 | ~float64, V any](s *Floats, m map[K]V) ([]float64, error) {
	keys := SortNumbers(s, m)
	for _, k := range keys {
		if math.IsNaN(k) {
			return nil, CheckKey(k)
		}
	}
	return keys, nil
}

// Free gives borrowed room back.
func (s *Numbers[N]) Free() {
	if s.many != nil {
		numberPool[N]().Put(s.many)
		s.many = nil
	}
}

// CheckKey refuses a key that does not equal itself, since it is or holds a NaN, which no lookup finds.
func CheckKey[K comparable](key K) error {
	if same := key; same != key {
		return In(&Error{Problem: "NaN is no key"}, key)
	}
	return nil
}
