package foreign_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os/exec"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/necrostack/necrogen/runtime/wire/foreign"
)

type color string

type leg struct {
	Qty  int
	Note string `msgpack:",omitempty"`
	At   *time.Time
}

// values are written as the reference writes them.
var values = []any{
	nil, true, false, "", "text", strings.Repeat("x", 300), []byte(nil), []byte{}, []byte("bytes"),
	0, -1, -33, 127, 128, math.MaxInt, math.MinInt, int8(5), int8(-5), int16(5), int32(-5), int64(5),
	uint(7), uint(math.MaxUint), uint8(7), uint16(7), uint32(7), uint64(7), float32(0.5), 0.5, math.Inf(-1),
	time.Unix(1, 2), time.Time{}, time.Minute, []any(nil), []any{}, []any{1, "a", nil, []any{2.5}},
	map[string]any(nil), map[string]any{}, map[string]any{"b": 1, "a": map[string]any{"z": uint8(1), "y": "x"}},
	map[string]string{"b": "1", "a": "2"}, map[string]bool{"b": true, "a": false}, []string{"a"}, []int{1, 2},
	color("red"), []color{"red"}, leg{Qty: 1}, &leg{Qty: 1, Note: "n"}, (*leg)(nil), map[int]leg{1: {}}, [2]int{1, 2}, errors.New("x"),
	msgpack.RawMessage("\x93\x01\x02\x03"), new(any), &[]any{map[string]any{"k": &leg{}}},
}

func TestAny(t *testing.T) {
	for _, v := range values {
		var want bytes.Buffer
		enc := msgpack.NewEncoder(&want)
		enc.SetSortMapKeys(true)
		if err := enc.Encode(v); err != nil {
			t.Fatal(err)
		}
		got, err := foreign.AppendAny([]byte("before"), v)
		if err != nil || string(got) != "before"+want.String() {
			t.Errorf("%#v: got % x (%v), want % x", v, got, err, want.Bytes())
			continue
		}
		var back, ref any
		rest, err := foreign.ReadAny(want.String()+"rest", &back)
		if err != nil || rest != "rest" {
			t.Errorf("%#v: %q, %v", v, rest, err)
		}
		if reflect.TypeOf(v) == reflect.TypeFor[map[int]leg]() {
			continue // which the reference does not read
		}
		if err := msgpack.Unmarshal(want.Bytes(), &ref); err != nil || !reflect.DeepEqual(back, ref) {
			t.Errorf("%#v: got %#v, want %#v (%v)", v, back, ref, err)
		}
	}
}

// TestAnyKeys: a map that the reference writes and does not read comes back.
func TestAnyKeys(t *testing.T) {
	b, err := foreign.AppendAny(nil, map[any]any{1: "a", "k": nil, true: map[int8]int{-1: 2}})
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if _, err := foreign.ReadAny(string(b), &got); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(b, []byte("\x83\x01\xa1a\xa1k\xc0\xc3\x81")) {
		t.Errorf("the keys are not in the order of their encodings: % x", b)
	}
	want := map[any]any{int8(1): "a", "k": nil, true: map[any]any{int8(-1): int8(2)}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%#v", got)
	}
}

// TestEmpty: omitempty leaves out what the reference leaves out.
func TestEmpty(t *testing.T) {
	for _, v := range values {
		b, err := msgpack.Marshal(struct {
			V any `msgpack:",omitempty"`
		}{v})
		if want := len(b) == 1; err != nil || foreign.Empty(v) != want {
			t.Errorf("%#v: %v, want %v (%v)", v, !want, want, err)
		}
	}
}

// self stands in itself, in ways that the reference follows until the stack ends.
func self() []any {
	bag, list, pointer := map[string]any{}, make([]any, 1), new(any)
	bag["self"], list[0], *pointer = bag, list, pointer
	type node struct {
		Name string
		Next *node
		Any  []any
	}
	ring := &node{Name: "ring"}
	ring.Next = ring
	forest := &node{}
	forest.Any = []any{1, map[string]any{"f": forest}}
	return []any{bag, list, pointer, ring, []any{forest}, map[string]any{"x": []any{ring}}}
}

func TestSelf(t *testing.T) {
	for i, v := range self() {
		if _, err := foreign.AppendAny(nil, v); err == nil || !strings.Contains(err.Error(), "values nest deeper than 1000") {
			t.Errorf("%d: %v", i, err)
		}
	}
}

// TestHostile: what the reference would trust is refused, before it takes memory.
func TestHostile(t *testing.T) {
	for in, want := range map[string]string{
		"":                                    "the input ends where a value is due",
		"\xc1":                                "the unused code c1 where a value is due",
		"\xdd\xff\xff\xff\xff":                "a length of 4294967295 with 0 bytes left",
		"\xdf\x05\xf5\xe1\x00":                "a length of 100000000 with 0 bytes left",
		"\x81\xa1k\xdd\x00\x0f\xff\xff":       "k: a length of 1048575 with 0 bytes left",
		"\x92\x01\xc6\x00\x0f\xff\xff":        "[1]: a length of 1048575 with 0 bytes left",
		"\x82\xa1k\x01\xa1k\x02":              "[k]: the key comes twice",
		"\x81\x90\x02":                        "a key of a map is an array, a map or binary data",
		"\x81\x91\x82\xa1k\x01\xa1k\x02\x02":  "[0][k]: the key comes twice",
		"\x82\x01\x02\x01\x02":                "[1]: the key comes twice",
		"\x81\xca\x7f\xc0\x00\x00\x01":        "[NaN]: NaN is no key",
		"\xd4\x05\x00":                        "its own decoding fails: msgpack: unknown ext id=5",
		"\xd4\x80\x00":                        "its own decoding fails: msgpack: interned string at index=0 does not exist",
		strings.Repeat("\x91", 1001) + "\x01": "values nest deeper than 1000",
		strings.Repeat("\x81\xa1k", 100_000) + "\x01": "values nest deeper than 1000",
	} {
		var v any
		if rest, err := foreign.ReadAny(in, &v); err == nil || err.Error() != want || rest != "" {
			t.Errorf("%.20q: %v, want %s", in, err, want)
		}
	}
	var v any
	if _, err := foreign.ReadAny(strings.Repeat("\x91", 1000)+"\x01", &v); err != nil {
		t.Error(err)
	}
}

func TestBounded(t *testing.T) {
	deep := strings.Repeat("\xdd\x00\x0f\xff\xff", 900)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var v any
	if _, err := foreign.ReadAny(deep, &v); err == nil {
		t.Error("no error")
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > uint64(64*len(deep)+64<<10) {
		t.Errorf("%d bytes take %d", len(deep), used)
	}
}

// own encodes itself in the way that its field says.
type own struct{ how string }

func (o own) EncodeMsgpack(e *msgpack.Encoder) error {
	switch o.how {
	case "fails":
		return errors.New("no")
	case "panics":
		panic("no")
	case "nothing":
		return nil
	case "two":
		return e.EncodeMulti(1, 2)
	case "half":
		return e.EncodeArrayLen(5)
	}
	return e.EncodeString(o.how)
}

func (o *own) DecodeMsgpack(d *msgpack.Decoder) (err error) {
	if o.how, err = d.DecodeString(); err != nil {
		return err
	}
	switch o.how {
	case "fails":
		return errors.New("no")
	case "panics":
		panic("out of order")
	case "more":
		return d.Skip()
	}
	return nil
}

func TestOwn(t *testing.T) {
	for how, want := range map[string]string{
		"fine": "<nil>", "fails": "its own encoding fails: no", "panics": "its own encoding panics: no",
		"nothing": "nothing where a value is due", "two": "more than the one value that is due: put them into an array",
		"half": "5 elements in 0 bytes",
	} {
		if _, err := foreign.Append(nil, &own{how}); fmt.Sprint(err) != want {
			t.Errorf("%s: %v, want %s", how, err, want)
		}
	}
	for in, want := range map[string]string{
		"\xa4fine":             "<nil>",
		"\xa5fails":            "its own decoding fails: no",
		"\xa6panics":           "its own decoding panics: out of order",
		"\xa4more\x01":         "its own decoding fails: EOF",
		"\x01":                 "its own decoding fails: msgpack: invalid code=1 decoding string/bytes length",
		"\x92\xa4fine\x01":     "its own decoding fails: msgpack: invalid code=92 decoding string/bytes length",
		"\xdb\x7f\xff\xff\xff": "a length of 2147483647 with 0 bytes left",
	} {
		if rest, err := foreign.Read(in, new(own)); fmt.Sprint(err) != want || err != nil && rest != "" {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
	got := own{"before"}
	if rest, err := foreign.Read("\xc0rest", &got); err != nil || rest != "rest" || got != (own{}) {
		t.Errorf("nil: %v, %q, %v", got, rest, err)
	}
}

// lazy reads only the beginning of its value.
type lazy struct{ N int }

func (l *lazy) EncodeMsgpack(e *msgpack.Encoder) error { return e.EncodeInt(1) }

func (l *lazy) DecodeMsgpack(d *msgpack.Decoder) (err error) {
	l.N, err = d.DecodeArrayLen()
	return err
}

func TestUnread(t *testing.T) {
	if _, err := foreign.Read("\x92\x01\x02", new(lazy)); err == nil || err.Error() != "its own decoding leaves a part of the value unread" {
		t.Error(err)
	}
}

// sealed is registered as an extension, which nobody can tell from its methods.
type sealed struct{ B byte }

func (s *sealed) MarshalMsgpack() ([]byte, error) { return []byte{s.B}, nil }

func (s *sealed) UnmarshalMsgpack(b []byte) error {
	s.B = b[0]
	return nil
}

func TestRegistered(t *testing.T) {
	msgpack.RegisterExt(42, (*sealed)(nil))
	defer msgpack.UnregisterExt(42)
	v := sealed{7}
	b, err := foreign.Append(nil, &v)
	want, _ := msgpack.Marshal(&v)
	if err != nil || !bytes.Equal(b, want) || string(b) != "\xd4\x2a\x07" {
		t.Errorf("% x, %v, want % x", b, err, want)
	}
	var got sealed
	if _, err := foreign.Read(string(b), &got); err != nil || got != v {
		t.Errorf("%v, %v", got, err)
	}
	var any any
	if _, err := foreign.ReadAny(string(b), &any); err != nil || !reflect.DeepEqual(any, &v) {
		t.Errorf("%v, %v", any, err)
	}
}

// TestApart: a program whose events need no reference codec does not link it.
func TestApart(t *testing.T) {
	const module = "github.com/necrostack/necrogen/"
	out, err := exec.Command("go", "list", "-deps", module+"runtime", module+"runtime/wire", module+"runtime/rules", module+"backends/memory").Output()
	if err != nil {
		t.Fatal(err)
	}
	if deps := string(out); strings.Contains(deps, "vmihailenco") || strings.Contains(deps, module+"runtime/wire/foreign") {
		t.Error("the reference codec is linked into every program")
	}
}
