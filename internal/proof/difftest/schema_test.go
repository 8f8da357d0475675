package difftest

import (
	"reflect"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/proof/difftest/shapes"
	necro "github.com/necrostack/necrogen/runtime"
)

// become writes one event and reads it as another.
func become(t *testing.T, from, to necro.Event) {
	t.Helper()
	if rest, err := to.ReadMsgpack(encode(t, from)); err != nil || len(rest) > 0 {
		t.Fatalf("%T as %T: %v, %d bytes left", from, to, err, len(rest))
	}
}

// TestNewerReadsOlder: added fields are zero, a field that is gone is skipped whatever it held, a
// former name is read, numbers are widened.
func TestNewerReadsOlder(t *testing.T) {
	for _, size := range []int{1, 10_000} { // a long event is read from a copy of just its value
		long := strings.Repeat("x", size)
		old := &shapes.Before{
			ID: "1", Qty: -5, Note: long, Price: 0.5, Tags: []string{"a"}, Plain: "p",
			Gone: map[string]any{"deep": []any{map[string]any{"x": 1}, 2.5, nil, long}},
			Leg:  shapes.BeforeLeg{Symbol: "A", Count: 60_000}, Legs: []shapes.BeforeLeg{{Symbol: "B"}, {Count: 7}},
			One: shapes.BeforeLeg{Symbol: "C"},
		}
		plain := "p"
		want := &shapes.After{
			AfterBase: shapes.AfterBase{ID: "1"}, Comment: long, Qty: -5, Price: 0.5, Tags: []string{"a"}, Plain: &plain,
			Leg: shapes.AfterLeg{Ticker: "A", Count: 60_000}, Legs: []*shapes.AfterLeg{{Ticker: "B"}, {Count: 7}},
			One: &shapes.AfterLeg{Ticker: "C"},
		}
		got := &shapes.After{Added: &shapes.AfterLeg{Venue: "before"}}
		become(t, old, got)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %.300v\nwant %.300v", got, want)
		}
	}
}

// TestOlderReadsNewer: unknown fields are skipped, missing ones are zero, nil is zero, and wider
// integers fit when their values do.
func TestOlderReadsNewer(t *testing.T) {
	newer := &shapes.After{
		AfterBase: shapes.AfterBase{ID: "1"}, Comment: "lost", Qty: -128, Price: 0.25, Wait: 5,
		Added: &shapes.AfterLeg{Venue: "x"}, Leg: shapes.AfterLeg{Ticker: "lost", Count: 65_535, Venue: "x"},
		Legs: []*shapes.AfterLeg{{Count: 1}, nil},
	}
	got, want := new(shapes.Before), &shapes.Before{
		ID: "1", Qty: -128, Price: 0.25,
		Leg: shapes.BeforeLeg{Count: 65_535}, Legs: []shapes.BeforeLeg{{Count: 1}, {}},
	}
	become(t, newer, got)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for field, e := range map[string]*shapes.After{
		"qty":           {Qty: 128},
		"leg.count":     {Leg: shapes.AfterLeg{Count: -1}},
		"legs[1].count": {Legs: []*shapes.AfterLeg{nil, {Count: 1 << 16}}},
		"price":         {Price: 1e300},
	} {
		_, err := new(shapes.Before).ReadMsgpack(encode(t, e))
		if err == nil || !strings.HasPrefix(err.Error(), field+": ") || !strings.HasSuffix(err.Error(), "that does not fit") {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// TestBothNames: a field that comes under its name and under its former name comes twice.
func TestBothNames(t *testing.T) {
	for _, in := range []string{"\x82\xa7comment\xa1a\xa4note\xa1b", "\x82\xa4note\xa1a\xa7comment\xa1b", "\x82\xa4note\xa1a\xa4note\xa1b"} {
		if _, err := new(shapes.After).ReadMsgpack([]byte(in)); err == nil || err.Error() != "comment: the field comes twice" {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// TestWidened: an integer of any type is read by a field of any wider one, with its value.
func TestWidened(t *testing.T) {
	narrow := shapes.Scalars{I: -7, I8: -8, I16: -9, I32: -10, I64: -11, U: 7, U8: 8, U16: 9, U32: 10, U64: 11, F32: 0.5, F64: 1.5}
	b := string(encode(t, &narrow))
	for wide, from := range map[string][]string{
		"i16": {"i8", "u8"}, "i32": {"i8", "i16", "u8", "u16"}, "i64": {"i", "i8", "i16", "i32", "u8", "u16", "u32"},
		"u16": {"u8"}, "u32": {"u8", "u16"}, "u64": {"u", "u8", "u16", "u32"},
		"i": {"i8", "i16", "i32", "i64"}, "u": {"u8", "u16", "u32", "u64"}, "f64": {"f32", "i8", "u32"},
	} {
		for _, name := range from {
			var got shapes.Scalars
			in := strings.Replace(b, header(wide)+wide, header("zz"+wide)+"zz"+wide, 1)
			in = strings.Replace(in, header(name)+name, header(wide)+wide, 1)
			if _, err := got.ReadMsgpack([]byte(in)); err != nil {
				t.Errorf("%s as %s: %v", name, wide, err)
				continue
			}
			if a, b := numeric(narrow, name), numeric(got, wide); a != b {
				t.Errorf("%s as %s: %v becomes %v", name, wide, a, b)
			}
		}
	}
}

// header begins a short string.
func header(s string) string { return string([]byte{0xa0 | byte(len(s))}) }

// numeric returns the field of that wire name.
func numeric(s shapes.Scalars, wire string) float64 {
	v := reflect.ValueOf(s).FieldByName(strings.ToUpper(wire))
	switch {
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	}
	return v.Float()
}
