package wire_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/runtime/wire"
)

// pair is read as generated code reads a struct of two fields, of which the first was
// called total once.
type pair struct {
	amount int
	note   string
}

var pairKeys = wire.Names{Keys: []string{"\xa6amount", "\xa4note", "\xa5total"}, Aliases: []int{0}}

func (v *pair) read(s string) (string, error) {
	var f wire.Fields
	s, err := f.Open(s, &pairKeys)
	for f.Left > 0 {
		if t, ok := f.Key(s, 0, "\xa6amount"); ok {
			s, err = wire.ReadInt(t, &v.amount)
		}
		if t, ok := f.Key(s, 1, "\xa4note"); ok {
			s, err = wire.ReadString(t, &v.note)
		}
		s, err = f.Pass(s, err)
	}
	return s, err
}

func TestFields(t *testing.T) {
	for in, want := range map[string]string{
		"\x80":                                    "{0 }",
		"\xc0":                                    "{0 }",
		"\x82\xa6amount\x05\xa4note\xa1x":         "{5 x}",
		"\x82\xa4note\xa1x\xa6amount\x05":         "{5 x}",
		"\x92\x05\xa1x":                           "{5 x}",
		"\xdc\x00\x02\x05\xa1x":                   "{5 x}",
		"\x92\x05\xa4note":                        "{5 note}",
		"\x82\xa4note\xa1x\xa5total\x05":          "{5 x}",
		"\x82\xc4\x04note\xa1x\xd9\x06amount\x05": "{5 x}",
		"\x84\xa1q\x01\xa4note\xa1x\xd9\x01z\x90\xda\x00\x06amount\x05": "{5 x}",
		"\x82\xa5total\x05\xa6amount\x05":                               "amount: the field comes twice",
		"\x83\xa4note\xa1x\xa6amount\x05\xa4note\xa1y":                  "note: the field comes twice",
		"\x82\xa6amount\xa1x\xa4note\x05":                               "amount: a string where an integer is due",
		"\x92\xa1x\x05":                                                 "amount: a string where an integer is due",
		"\x92\x05\x81":                                                  "note: a map where a string is due",
		"\x91\x05":                                                      "an array of 1 elements where 2 are due",
		"\x81\xa4note":                                                  "note: an integer where a string is due",
		"\x81\xc0\x01":                                                  "nil where a field's name is due",
		"\x81\xa1q" + strings.Repeat("\x91", 1500):                      "values nest deeper than 1000",
	} {
		var v pair
		rest, err := v.read(in + "rest")
		got := fmt.Sprint(v)
		if err != nil {
			got = err.Error()
		} else if rest != "rest" {
			got += " and then " + rest
		}
		if got != want {
			t.Errorf("%.40q: got %s, want %s", in, got, want)
		}
	}
}

// TestInnerEntries: a struct does not take what belongs to the one around it.
func TestInnerEntries(t *testing.T) {
	var v pair
	rest, err := v.read("\x81\xa6amount\x05\xa4note\xa1x")
	if err != nil || v != (pair{amount: 5}) || rest != "\xa4note\xa1x" {
		t.Errorf("%v, %q, %v", v, rest, err)
	}
}

func TestSort(t *testing.T) {
	for _, n := range []int{0, 1, 2, 16, 17, 100} {
		m := map[string]int{}
		for i := range n {
			m[fmt.Sprint(i)] = i
		}
		var keys wire.Keys
		list := wire.Sort(&keys, m)
		for i := 1; i < len(list); i++ {
			if list[i-1] >= list[i] {
				t.Errorf("%d keys: %q before %q", n, list[i-1], list[i])
			}
		}
		if len(list) != n {
			t.Errorf("%d keys of %d", len(list), n)
		}
		keys.Free()
	}
}

// TestCopy: of a long input only the value is copied, so that many values in one buffer
// are not copied once for each.
func TestCopy(t *testing.T) {
	value := "\xda\x20\x00" + strings.Repeat("x", 8192)
	if got := wire.Copy([]byte(value + strings.Repeat("y", 8192))); got != value {
		t.Errorf("%d bytes are copied of a value of %d", len(got), len(value))
	}
	if got := wire.Copy([]byte("\xa1xrest")); got != "\xa1xrest" {
		t.Errorf("%q", got)
	}
}
