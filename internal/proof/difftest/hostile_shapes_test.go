package difftest

import (
	"errors"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/proof/difftest/compare"
	"github.com/necrostack/necrogen/internal/proof/difftest/shapes"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/wire"
)

// TestRefusedShapes: what TestRefused holds for the plain shapes holds for all of them.
func TestRefusedShapes(t *testing.T) {
	const n = wire.MaxDepth
	for _, c := range []struct {
		event    necro.Event
		in, want string
	}{
		{new(shapes.Errors), "\x81\xa3Err\x05", "Err: an integer where the text of an error is due"},
		{new(shapes.Errors), "\x81\xa4Errs\x92\xa1x\x91\x01", "Errs[1]: an array where the text of an error is due"},
		{new(shapes.Errors), "\x81\xa3Any\xc1", "Any: the unused code c1 where a value is due"},
		{new(shapes.Errors), "\x81\xa3Any\x81\xa1k\x92\x01\xda\xff\xff", "Any.k[1]: a length of 65535 with 0 bytes left"},
		{new(shapes.Errors), "\x81\xa3Bag\x81\xa1k\x82\xa1a\x01\xa1a\x01", "Bag[k][a]: the key comes twice"},
		{new(shapes.Errors), "\x81\xa4Anys\x91\xd4\x05\x00", "Anys[0]: its own decoding fails: msgpack: unknown ext id=5"},
		{new(shapes.Errors), "\x81\xa3Any" + strings.Repeat("\x91", n+1) + "\x01", "Any: values nest deeper than 1000"},
		{new(shapes.Owned), "\x81\xa4UUID\xc4\x01x", "UUID: its UnmarshalBinary fails: a UUID has 16 bytes"},
		{new(shapes.Owned), "\x81\xa5Color\x05", "Color: an integer where binary data or a string is due"},
		{new(shapes.Owned), "\x81\xa5Color\xc6\x7f\xff\xff\xff", "Color: a length of 2147483647 with 0 bytes left"},
		{new(shapes.Owned), "\x81\xa5Point\x92\x01\xa1x", "Point: its own decoding fails: msgpack: invalid code=a1 decoding int64"},
		{new(shapes.Owned), "\x81\xa5Point\x93\x01\x02\x03", "Point: its own decoding fails: a point is an array of two"},
		{new(shapes.Owned), "\x81\xa5Range\x91\x01", "Range: its own decoding fails: a range is a string of two bytes"},
		{new(shapes.Owned), "\x81\xa3Raw\x92\x01", "Raw: 2 elements in 1 bytes"},
		{new(shapes.Owned), "\x81\xa3Raw" + strings.Repeat("\x91", n+1) + "\x01", "Raw: values nest deeper than 1000"},
		{new(shapes.OwnedInside), "\x81\xa6Colors\x81\xa1k\xa1x", "Colors[k]: its UnmarshalText fails: a color has 16 digits"},
		{new(shapes.OwnedInside), "\x81\xa6Moneys\x92\xc0\xa1x", "Moneys[1]: its UnmarshalBinary fails: money has 8 bytes"},
		{new(shapes.OwnedInside), "\x81\xa7Twofold\xc4\x01x", "Twofold: its UnmarshalBinary panics: runtime error: slice bounds out of range [-1:]"},
		{new(shapes.Keyed), "\x81\xa2I8\x82\x05\xa1a\x05\xa1b", "I8[5]: the key comes twice"},
		{new(shapes.Keyed), "\x81\xa2I8\x81\xcd\x01\x00\xa1a", "I8[0]: an integer that does not fit"},
		{new(shapes.Keyed), "\x81\xa3F64\x81\xcb\x7f\xf8\x00\x00\x00\x00\x00\x01\xa0", "F64[NaN]: NaN is no key"},
		{new(shapes.Keyed), "\x81\xa4Pair\x81\x82\xa4Left\xa1x\xa5Right\xa1y\x01", "Pair[{x 0}].Right: a string where an integer is due"},
		{new(shapes.Keyed), "\x81\xa4Four\x81\x91\xa1x\x01", "Four[\"[ ]\"]: an array of 1 elements where 2 are due"},
		{new(shapes.Keyed), "\x81\xa5Count\xdf\x00\x0f\xff\xff", "Count: a length of 1048575 with 0 bytes left"},
		{new(shapes.Unnamed), "\x81\xa3Box\x81\xa1Y\x91\x81\xa1Z\x05", "Box.Y[0].Z: an integer where a string is due"},
		{new(shapes.Embedding), "\x81\xa6Bottom\x81\xa1k\xa1x", "Bottom[k]: a string where an integer is due"},
		{new(shapes.Embedding), "\x82\xa3Low\x01\xa3Low\x01", "Low: the field comes twice"},
		{new(shapes.Recursive), "\x81\xa4Next\x81\xa4Tree\x81\xa4Left\x81\xa5Value\xa1x", "Next.Tree.Left.Value: a string where an integer is due"},
		{new(shapes.Recursive), "\x81\xa4Next\x81\xa4Next\x81\xa4Name\xa9x", "Next.Next.Name: the input ends 8 bytes early"},
		{new(shapes.Recursive), strings.Repeat("\x81\xa4Next", n) + "\x80", "values nest deeper than 1000"},
		{new(shapes.Recursive), "\x81\xa6Forest" + strings.Repeat("\x91", n) + "\x90", "values nest deeper than 1000"},
		{new(shapes.Recursive), "\x81\xa1z" + strings.Repeat("\x91", n) + "\x01", "values nest deeper than 1000"},
		{new(shapes.Generic), "\x81\xa3Opt\x81\xa5Value\x05", "Opt.Value: an integer where a string is due"},
	} {
		_, err := compare.Empty(c.event).ReadMsgpack([]byte(c.in))
		if err == nil || err.Error() != c.want {
			t.Errorf("%.60q\ngot  %v\nwant %s", c.in, err, c.want)
		}
		if _, ok := errors.AsType[*wire.Error](err); !ok {
			t.Errorf("%T is no *wire.Error", err)
		}
	}
}

// TestDeepest: what nests as deep as may be is read, and what can be written can be read.
func TestDeepest(t *testing.T) {
	const n = wire.MaxDepth
	for _, in := range []string{
		strings.Repeat("\x81\xa4Next", n-1) + "\x80",
		"\x81\xa6Forest" + strings.Repeat("\x91", n-1) + "\xc0",
		"\x81\xa3Any" + strings.Repeat("\x91", n-1) + "\x01",
	} {
		if _, err := new(shapes.Recursive).ReadMsgpack([]byte(in)); err != nil {
			t.Errorf("%.20q: %v", in, err)
		}
	}
	// Each branch is a map in an array: it nests twice as deep as the functions that write it.
	tree, refused := new(shapes.Branch), 0
	for range 20 {
		b, err := (&shapes.Recursive{Tree: tree}).AppendMsgpack(nil)
		if err != nil {
			refused++
		} else if _, err := new(shapes.Recursive).ReadMsgpack(b); err != nil {
			t.Error(err)
		}
		for range 50 {
			tree = &shapes.Branch{More: []shapes.Branch{*tree}}
		}
	}
	if refused != 10 {
		t.Errorf("%d are refused", refused)
	}
}

// TestBoundedShapes: a header that lies takes no memory to speak of, also one in another.
func TestBoundedShapes(t *testing.T) {
	const big = "\xdd\x00\x0f\x42\x40"
	filled := strings.Repeat("\xc0", 1_000_000)
	for _, c := range []struct {
		event necro.Event
		in    string
	}{
		{new(shapes.Errors), "\x81\xa3Any" + big},
		{new(shapes.Errors), "\x81\xa3Any" + strings.Repeat(big, 500) + filled},
		{new(shapes.Errors), "\x81\xa4Anys" + big + strings.Repeat("\x91", 3)},
		{new(shapes.Errors), "\x81\xa3Bag\xdf\x05\xf5\xe1\x00"},
		{new(shapes.Recursive), "\x81\xa6Forest" + strings.Repeat(big, 500) + filled},
		{new(shapes.Recursive), "\x81\xa4Dict" + strings.Repeat("\xdf\x00\x01\x00\x00\xa1k", 500) + filled},
		{new(shapes.Recursive), "\x81\xa4Tree" + strings.Repeat("\x81\xa4More"+big, 300) + filled},
		{new(shapes.Owned), "\x81\xa5Point" + big},
		{new(shapes.Keyed), "\x81\xa4Four\xdf\x05\xf5\xe1\x00"},
		{new(shapes.OwnedInside), "\x81\xa4Raws" + big + "\xc1" + filled},
	} {
		used := allocated(func() {
			if _, err := compare.Empty(c.event).ReadMsgpack([]byte(c.in)); err == nil {
				t.Errorf("%.20q is taken", c.in)
			}
		})
		if limit := uint64(64*len(c.in) + 64<<10 + 16<<10); used > limit {
			// The others would take gigabytes, too.
			t.Fatalf("%.20q takes %d bytes, the limit is %d", c.in, used, limit)
		}
	}
}

// TestCircle: a value that stands in itself is an error, and not the end of the program.
func TestCircle(t *testing.T) {
	next, tree, forest := new(shapes.Recursive), new(shapes.Branch), make(shapes.Forest, 1)
	next.Next, tree.Left, tree.Right, forest[0] = next, tree, tree, forest
	wood := shapes.Grove{}
	wood[1] = shapes.Wood{&wood}
	bag := map[string]any{}
	bag["self"] = []any{bag}
	family := &shapes.Family{Name: "up", Kids: []*shapes.Family{{}, {Name: "kid"}}}
	family.Kids[0].Up, family.Kids[1].Up = family, family
	for name, e := range map[string]necro.Event{"RECURSIVE": next, "FAMILY": family} {
		if err := e.Validate(); err == nil || err.Error() != name+" is invalid: nests deeper than 1000 levels" {
			t.Errorf("%.200v", err)
		}
	}
	if _, err := family.AppendMsgpack(nil); err != nil {
		t.Error(err) // without the way up there is no circle
	}
	for _, e := range []necro.Event{
		next, &shapes.Recursive{Tree: tree}, &shapes.Recursive{Forest: forest}, &shapes.Recursive{Grove: wood},
		&shapes.Recursive{Any: next}, &shapes.Errors{Bag: bag}, &shapes.Errors{Any: tree},
	} {
		if b, err := e.AppendMsgpack(nil); err == nil || !strings.HasSuffix(err.Error(), "values nest deeper than 1000") || len(b) > 0 {
			t.Errorf("%T: %v, %d bytes", e, err, len(b))
		}
	}
}
