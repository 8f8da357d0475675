package difftest

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/vmihailenco/msgpack/v5"

	necro "github.com/necrostack/necrogen/runtime"
)

var (
	rounds = flag.Int("rounds", 300, "random values of each event")
	seed   = flag.Uint64("seed", 0, "of the random values; 0 draws one")
)

// each runs a test for every event with a source of random values, whose seed it names.
func each(t *testing.T, fn func(t *testing.T, e necro.Event, r *random)) {
	t.Helper()
	s := *seed
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("seed %d", s)
	for i, e := range events {
		t.Run(reflect.TypeOf(e).Elem().Name(), func(t *testing.T) {
			fn(t, e, &random{Rand: rand.New(rand.NewPCG(s, uint64(i)))})
		})
	}
}

// fresh returns a new event of the same type, filled.
func fresh(e necro.Event, r *random) necro.Event {
	v := reflect.New(reflect.TypeOf(e).Elem())
	r.fill(v.Elem())
	return v.Interface().(necro.Event)
}

func empty(e necro.Event) necro.Event {
	return reflect.New(reflect.TypeOf(e).Elem()).Interface().(necro.Event)
}

func encode(t *testing.T, e necro.Event) []byte {
	t.Helper()
	b, err := e.AppendMsgpack(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// decode reads into a value that holds something else, which must not show.
func decode(t *testing.T, e necro.Event, b []byte, r *random) necro.Event {
	t.Helper()
	got := fresh(e, r)
	rest, err := got.ReadMsgpack(append(bytes.Clone(b), "rest"...))
	if err != nil {
		t.Fatalf("%v: % x", err, b)
	}
	if string(rest) != "rest" {
		t.Fatalf("rest is %q", rest)
	}
	return got
}

func TestEncode(t *testing.T) {
	each(t, func(t *testing.T, e necro.Event, r *random) {
		for range *rounds {
			v := fresh(e, r)
			got := encode(t, v)
			want, err := msgpack.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) && !bytes.Equal(got, sorted(t, want, reflect.TypeOf(e).Elem())) {
				t.Fatalf("%+v\ngot  % x\nwant % x", v, got, want)
			}
		}
	})
}

func TestDecode(t *testing.T) {
	each(t, func(t *testing.T, e necro.Event, r *random) {
		r.plain = true
		for range *rounds {
			v := fresh(e, r)
			b := encode(t, v)
			want := empty(e)
			if err := msgpack.Unmarshal(b, want); err != nil {
				t.Fatal(err)
			}
			got := decode(t, e, b, r)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("% x\ngot  %+v\nwant %+v", b, got, want)
			}
			if again := encode(t, got); !bytes.Equal(again, b) {
				t.Fatalf("again % x\nwant  % x", again, b)
			}
		}
	})
}

// TestDecodeForms reads what the reference writes with its options: compact integers and
// floats, structs as arrays.
func TestDecodeForms(t *testing.T) {
	forms := map[string]func(*msgpack.Encoder){
		"compact ints": func(e *msgpack.Encoder) { e.UseCompactInts(true) },
		"compact":      func(e *msgpack.Encoder) { e.UseCompactInts(true); e.UseCompactFloats(true) },
		"arrays":       func(e *msgpack.Encoder) { e.UseArrayEncodedStructs(true) },
	}
	each(t, func(t *testing.T, e necro.Event, r *random) {
		r.plain = true
		for form, set := range forms {
			for range *rounds / 3 {
				v := fresh(e, r)
				var buf bytes.Buffer
				enc := msgpack.NewEncoder(&buf)
				set(enc)
				if err := enc.Encode(v); err != nil {
					t.Fatal(err)
				}
				want := empty(e)
				if err := msgpack.Unmarshal(buf.Bytes(), want); err != nil {
					continue // the reference does not read its own compact float32
				}
				if got := decode(t, e, buf.Bytes(), r); !reflect.DeepEqual(got, want) {
					t.Fatalf("%s: % x\ngot  %+v\nwant %+v", form, buf.Bytes(), got, want)
				}
			}
		}
	})
}

// TestTruncated cuts an encoding at every byte: an error, and no panic.
func TestTruncated(t *testing.T) {
	each(t, func(t *testing.T, e necro.Event, r *random) {
		b := encode(t, fresh(e, r))
		for i := range b {
			if _, err := empty(e).ReadMsgpack(b[:i:i]); err == nil {
				t.Fatalf("no error at %d of % x", i, b)
			}
		}
	})
}

// TestEncodeAllocates: nothing, into a buffer that is large enough.
func TestEncodeAllocates(t *testing.T) {
	each(t, func(t *testing.T, e necro.Event, r *random) {
		v, buf := fresh(e, r), make([]byte, 0, 1<<20)
		if n := testing.AllocsPerRun(50, func() { _, _ = v.AppendMsgpack(buf) }); n > 0 {
			t.Errorf("%v allocations", n)
		}
	})
}
