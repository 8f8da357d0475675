package difftest

import (
	"errors"
	"flag"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/necrostack/necrogen/internal/proof/difftest/compare"
	necro "github.com/necrostack/necrogen/runtime"
)

var (
	rounds = flag.Int("rounds", 150, "random values of each event")
	seed   = flag.Uint64("seed", 1, "of the random values and packages; 0 draws one, to look for what no other found")
)

// seeded returns the seed of this run, and names it.
func seeded(t *testing.T) uint64 {
	t.Helper()
	s := *seed
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("seed %d", s)
	return s
}

// each runs a test for every event with a source of random values, whose seed it names.
func each(t *testing.T, fn func(t *testing.T, e necro.Event, r *compare.Random)) {
	t.Helper()
	s := seeded(t)
	for i, e := range events {
		t.Run(reflect.TypeOf(e).Elem().Name(), func(t *testing.T) {
			fn(t, e, compare.NewRandom(s, uint64(i)))
		})
	}
}

func encode(t *testing.T, e necro.Event) []byte {
	t.Helper()
	b, err := e.AppendMsgpack(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// compared repeats a comparison. Where the reference itself fails there is nothing to compare with,
// but not every time.
func compared(t *testing.T, times int, one func() error) {
	t.Helper()
	done := 0
	for range times {
		switch err := one(); {
		case err == nil:
			done++
		case !errors.Is(err, compare.ErrUnwritten) && !errors.Is(err, compare.ErrUnread):
			t.Fatal(err)
		}
	}
	if done == 0 {
		t.Error("the reference fails every time")
	}
}

func TestEncode(t *testing.T) {
	each(t, func(t *testing.T, e necro.Event, r *compare.Random) {
		compared(t, *rounds, func() error {
			_, err := compare.Encode(r.Fresh(e))
			return err
		})
	})
}

func TestDecode(t *testing.T) {
	each(t, func(t *testing.T, e necro.Event, r *compare.Random) {
		r.Plain = true
		compared(t, *rounds, func() error {
			v := r.Fresh(e)
			return compare.Decode(v, encode(t, v), r)
		})
	})
}

// TestDecodeForms reads what the reference writes with its options: compact integers and
// floats, structs as arrays.
func TestDecodeForms(t *testing.T) {
	each(t, func(t *testing.T, e necro.Event, r *compare.Random) {
		r.Plain = true
		compared(t, *rounds/3, func() error {
			_, err := compare.Forms(r.Fresh(e), r)
			return err
		})
	})
}

// TestTruncated cuts an encoding at every byte: an error, and no panic.
func TestTruncated(t *testing.T) {
	each(t, func(t *testing.T, e necro.Event, r *compare.Random) {
		v := r.Fresh(e)
		if err := compare.Truncated(v, encode(t, v)); err != nil {
			t.Fatal(err)
		}
	})
}

// TestEncodeAllocates: nothing, into a buffer that is large enough.
func TestEncodeAllocates(t *testing.T) {
	each(t, func(t *testing.T, e necro.Event, r *compare.Random) {
		if mayAllocate(reflect.TypeOf(e).Elem(), map[reflect.Type]bool{}) {
			t.Skip("encoding any and foreign types allocates")
		}
		v, buf := r.Fresh(e), make([]byte, 0, 1<<20)
		// Under the race detector a pool forgets at random what it is given: the best of many counts.
		least := math.Inf(1)
		for i := 0; i < 1000 && least > 0; i++ {
			least = min(least, testing.AllocsPerRun(1, func() { _, _ = v.AppendMsgpack(buf) }))
		}
		if least > 0 {
			t.Errorf("%v allocations", least)
		}
	})
}
