package wire_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/runtime/wire"
)

type level int8

// TestSortNumbers: by value, in place or in borrowed room.
func TestSortNumbers(t *testing.T) {
	for _, n := range []int{0, 1, 2, 16, 17, 100} {
		signed, unsigned, floats := map[level]bool{}, map[uint64]bool{}, map[float32]bool{}
		for i := range n {
			signed[level(i*37)] = true
			unsigned[math.MaxUint64-uint64(i*7)] = true
			floats[float32(i%5)-float32(i)/3] = true
		}
		var (
			a wire.Ints
			b wire.Uints
			c wire.Floats
		)
		x, y, z := wire.SortNumbers(&a, signed), wire.SortNumbers(&b, unsigned), wire.SortNumbers(&c, floats)
		if !slices.IsSorted(x) || !slices.IsSorted(y) || !slices.IsSorted(z) {
			t.Errorf("%v, %v, %v", x, y, z)
		}
		if len(x) != len(signed) || len(y) != len(unsigned) || len(z) != len(floats) {
			t.Errorf("%d, %d and %d keys of %d", len(x), len(y), len(z), n)
		}
		a.Free()
		b.Free()
		c.Free()
	}
}

// entries writes a map as generated code does, with keys that are sorted by their encoding.
func entries[K comparable](m map[K]string, key func([]byte, K) []byte) ([]byte, error) {
	b := []byte("before")
	es := wire.OpenEntries(b)
	for k, x := range m {
		b = key(b, k)
		es.Key(b)
		b = wire.AppendString(b, x)
		es.End(b)
	}
	return es.Sort(b)
}

func TestEntries(t *testing.T) {
	m := map[[2]byte]string{}
	var want []byte
	for i := range 20 {
		for j := range 20 {
			k := [2]byte{byte(i * 11), byte(j * 13)}
			m[k] = strings.Repeat("x", (i*j)%40)
		}
	}
	pairs := slices.SortedFunc(func(yield func([2]byte) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}, func(a, b [2]byte) int { return bytes.Compare(a[:], b[:]) })
	want = append(want, "before"...)
	for _, k := range pairs {
		want = wire.AppendString(wire.AppendBytes(want, k[:]), m[k])
	}
	for range 3 {
		got, err := entries(m, func(b []byte, k [2]byte) []byte { return wire.AppendBytes(b, k[:]) })
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("got  % x (%v)\nwant % x", got, err, want)
		}
	}
	if got, err := entries(map[int]string{}, nil); err != nil || string(got) != "before" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestSameKeys: two keys that are written alike would be one when they are read.
func TestSameKeys(t *testing.T) {
	_, err := entries(map[int]string{1: "a", 2: "b", 3: "c"}, func(b []byte, k int) []byte { return wire.AppendInt(b, k/2) })
	if err == nil || err.Error() != "two keys are written in the same way" {
		t.Error(err)
	}
}

// TestNoKey: a key that does not equal itself is refused when it is written and when it is read.
func TestNoKey(t *testing.T) {
	type point struct{ X, Y float64 }
	nan := point{1, math.NaN()}
	if err := wire.CheckKey(nan); err == nil || err.Error() != "[{1 NaN}]: NaN is no key" {
		t.Error(err)
	}
	if err := wire.CheckKey(point{}); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		key    point
		i, len int
		err    error
		want   string
	}{
		{point{}, 0, 1, nil, "<nil>"},
		{point{}, 1, 1, nil, "[{0 0}]: the key comes twice"},
		{nan, 0, 1, nil, "[{1 NaN}]: NaN is no key"},
		{point{}, 0, 1, &wire.Error{Path: "qty", Problem: "bad"}, "[{0 0}].qty: bad"},
	} {
		if _, err := wire.EntryOf("rest", c.err, c.key, c.i, c.len); fmt.Sprint(err) != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}
