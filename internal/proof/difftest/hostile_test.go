package difftest

import (
	"errors"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/proof/difftest/compare"
	"github.com/necrostack/necrogen/internal/proof/difftest/shapes"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/wire"
)

// TestRefused: hostile and mistaken input is an error that names the field.
func TestRefused(t *testing.T) {
	scalars, sequences := new(shapes.Scalars), new(shapes.Sequences)
	for _, c := range []struct {
		event    necro.Event
		in, want string
	}{
		{scalars, "", "the input ends where a map is due"},
		{scalars, "\xa1x", "a string where a map is due"},
		{scalars, "\xc1", "the unused code c1 where a map is due"},
		{scalars, "\x81\xa1i\xa1x", "i: a string where an integer is due"},
		{scalars, "\x81\xa1i\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00", "i: a float where an integer is due"},
		{scalars, "\x81\xa2i8\xcc\x80", "i8: an integer that does not fit"},
		{scalars, "\x81\xa2i8\xd1\xff\x7f", "i8: an integer that does not fit"},
		{scalars, "\x81\xa3i64\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "i64: an integer that does not fit"},
		{scalars, "\x81\xa3u64\xff", "u64: an integer that does not fit"},
		{scalars, "\x81\xa2u8\xcd\x01\x00", "u8: an integer that does not fit"},
		{scalars, "\x81\xa3f32\xcb\x7e\x37\xe4\x3c\x88\x00\x75\x9c", "f32: a float that does not fit"},
		{scalars, "\x82\xa1i\x01\xa1i\x02", "i: the field comes twice"},
		{scalars, "\x82\xa1i\x01\xd9\x01i\x02", "i: the field comes twice"},
		{scalars, "\x81\x01\x02", "an integer where a field's name is due"},
		{scalars, "\x81\xc0\x02", "nil where a field's name is due"},
		{scalars, "\x92\x01\x02", "an array of 2 elements where 17 are due"},
		{scalars, "\x81\xa2at\xd6\x05\x00\x00\x00\x00", "at: extension 5 is not a time"},
		{scalars, "\x81\xa2at\xa3now", "at: a text that is not an RFC 3339 time"},
		{scalars, "\x81\xa2at\xc7\x03\xff\x00\x00\x00", "at: a time of 3 bytes"},
		{scalars, "\x81\xa4data\xc6\xff\xff\xff\xff\x00", "data: a length of 4294967295 with 1 bytes left"},
		{scalars, "\x81\xa1z\xdd\xff\xff\xff\xff", "a length of 4294967295 with 0 bytes left"},
		{sequences, "\x81\xa4ints\x93\x01\x02\xa1x", "ints[2]: a string where an integer is due"},
		{sequences, "\x81\xa6floats\x92\x01\x02", "floats: an array of 2 elements where 3 are due"},
		{sequences, "\x81\xa4legs\x92\x80\x81\xa3qty\xa1x", "legs[1].qty: a string where an integer is due"},
		{sequences, "\x81\xa6nested\x92\x90\x92\xa1a\x05", "nested[1][1]: an integer where a string is due"},
		{sequences, "\x81\xa6counts\x81\xa4blue\xa1x", "counts[blue]: a string where an integer is due"},
		{sequences, "\x81\xa6counts\x82\xa1a\x01\xa1a\x02", "counts[a]: the key comes twice"},
		{sequences, "\x81\xa7leg_map\x81\xa1a\x81\xa3qty\xa1x", "leg_map[a].qty: a string where an integer is due"},
		{new(shapes.Nothing), "\x81\xa1x" + strings.Repeat("\x91", 2000), "values nest deeper than 1000"},
	} {
		_, err := compare.Empty(c.event).ReadMsgpack([]byte(c.in))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q\ngot  %v\nwant %s", c.in[:min(len(c.in), 40)], err, c.want)
		}
		if _, ok := errors.AsType[*wire.Error](err); !ok {
			t.Errorf("%T is no *wire.Error", err)
		}
	}
}

// TestTaken: what is written in another way is read all the same.
func TestTaken(t *testing.T) {
	zero := time.Time{}
	for _, c := range []struct {
		in   string
		want shapes.Scalars
	}{
		{"\xc0", shapes.Scalars{}},
		{"\x80", shapes.Scalars{}},
		{"\xde\x00\x01\xa1i\x05", shapes.Scalars{I: 5}},
		{"\xdf\x00\x00\x00\x01\xa1i\x05", shapes.Scalars{I: 5}},
		{"\x82\xa1i\x05\xa1b\xc3", shapes.Scalars{I: 5, B: true}},
		{"\x83\xa1z\x81\xa1q\x93\x01\xc0\xcb\x00\x00\x00\x00\x00\x00\x00\x00\xa1i\x05\xa1y\xd4\x01\x00", shapes.Scalars{I: 5}},
		{"\x81\xd9\x01i\x05", shapes.Scalars{I: 5}},
		{"\x81\xda\x00\x01i\x05", shapes.Scalars{I: 5}},
		{"\x81\xc4\x01i\xd3\xff\xff\xff\xff\xff\xff\xff\xff", shapes.Scalars{I: -1}},
		{"\x81\xa1i\xc0", shapes.Scalars{}},
		{"\x81\xa2ID\xc4\x02ab", shapes.Scalars{ID: "ab"}},
		{"\x81\xa4data\xa2ab", shapes.Scalars{Data: []byte("ab")}},
		{"\x81\xa3f64\x05", shapes.Scalars{F64: 5}},
		{"\x81\xa3f64\xff", shapes.Scalars{F64: -1}},
		{"\x81\xa3f64\xca\x3f\x80\x00\x00", shapes.Scalars{F64: 1}},
		{"\x81\xa3f32\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00", shapes.Scalars{F32: 1}},
		{"\x81\xa2at\x92\x01\x02", shapes.Scalars{At: time.Unix(1, 2)}},
		{"\x81\xa2at\xd6\x0d\x00\x00\x00\x01", shapes.Scalars{At: time.Unix(1, 0)}},
		{"\x81\xa2at\xb42001-02-03T04:05:06Z", shapes.Scalars{At: time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)}},
		{"\x81\xa2at\xc0", shapes.Scalars{At: zero}},
	} {
		var got shapes.Scalars
		rest, err := got.ReadMsgpack([]byte(c.in))
		if err != nil || len(rest) > 0 {
			t.Errorf("%q: %v, %d bytes left", c.in, err, len(rest))
		}
		if string(encode(t, &got)) != string(encode(t, &c.want)) {
			t.Errorf("%q\ngot  %+v\nwant %+v", c.in, got, c.want)
		}
	}
}

// TestBounded: a header that lies takes no memory to speak of.
func TestBounded(t *testing.T) {
	for _, in := range []string{
		"\x81\xa7strings\xdd\x05\xf5\xe1\x00", "\x81\xa4legs\xdd\x05\xf5\xe1\x00",
		"\x81\xa6counts\xdf\x05\xf5\xe1\x00", "\x81\xa5bytes\x91\xc6\x05\xf5\xe1\x00",
		"\x81\xa4legs\xdd\x00\x0f\x42\x40" + strings.Repeat("\xa1", 1_000_000),
	} {
		used := allocated(func() {
			if _, err := new(shapes.Sequences).ReadMsgpack([]byte(in)); err == nil {
				t.Errorf("%.20q is taken", in)
			}
		})
		if limit := uint64(64*len(in) + 64<<10 + 4<<10); used > limit {
			t.Errorf("%.20q takes %d bytes, the limit is %d", in, used, limit)
		}
	}
}

// allocated returns the bytes that fn allocates. Small objects show up late.
func allocated(fn func()) uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()
	fn()
	metrics.Read(sample)
	return sample[0].Value.Uint64() - before
}
