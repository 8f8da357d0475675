package wire

import (
	"fmt"
	"strings"
	"testing"
)

// wide are the names of 70 fields, each of which holds a small integer: more than a word has bits.
var wide = func() *Names {
	names := &Names{Aliases: []int{3}}
	for i := range 70 {
		names.Keys = append(names.Keys, fmt.Sprintf("\xa3f%02d", i))
	}
	names.Keys = append(names.Keys, "\xa5older")
	return names
}()

// readMany reads a struct of them as generated code does.
func readMany(s string) (v [70]int, rest string, err error) {
	var f ManyFields
	s, err = f.Open(s, wide)
	for f.Left > 0 {
		i, t := f.Next(s)
		if i >= 0 {
			s, err = ReadInt(t, &v[i])
		}
		s, err = f.Done(s, err)
	}
	return v, s, err
}

// readWide reads it as generated code did before there was ManyFields.
func readWide(s string) (v [70]int, rest string, err error) {
	var f Fields
	s, err = f.Open(s, wide)
	for f.Left > 0 {
		for i := range v {
			key := f.Key
			if i >= 64 {
				key = f.KeyWide
			}
			if t, ok := key(s, i, wide.Keys[i]); ok {
				s, err = ReadInt(t, &v[i])
			}
		}
		s, err = f.Pass(s, err)
	}
	return v, s, err
}

// entries writes fields with their numbers as values.
func entries(fields ...int) string {
	var b strings.Builder
	for _, i := range fields {
		b.WriteString(wide.Keys[i] + string(rune(i)))
	}
	return b.String()
}

func TestManyFields(t *testing.T) {
	for _, c := range []struct{ name, in, err string }{
		{"in order", "\x84" + entries(2, 3, 63, 69), ""},
		{"backwards", "\x84" + entries(69, 63, 3, 2), ""},
		{"with one of no field", "\x85" + entries(2) + "\xa1x\x93\x01\x02\x03" + entries(3, 63, 69), ""},
		{"with no field last", "\x85" + entries(2, 3, 63, 69) + "\xa1x\xc0", ""},
		{"with an alias", "\x84" + entries(2) + "\xa5older\x03" + entries(63, 69), ""},
		{"with long keys", "\x84\xd9\x03f02\x02" + entries(3, 63, 69), ""},
		{"twice", "\x85" + entries(2, 3, 63, 2, 69), "f02: the field comes twice"},
		{"twice behind a word", "\x85" + entries(2, 69, 3, 63, 69), "f69: the field comes twice"},
		{"of another type", "\x82" + entries(2) + "\xa3f69\xa1x", "f69: a string where an integer is due"},
		{"cut off", "\x82" + entries(2) + "\xa3f69", "f69: the input ends where an integer is due"},
		{"without the second entry", "\x82" + entries(2), "the input ends where a field's name is due"},
	} {
		for name, read := range map[string]func(string) ([70]int, string, error){"many": readMany, "wide": readWide} {
			v, rest, err := read(c.in + "rest"[:4*btoi(c.err == "")])
			switch {
			case c.err != "":
				if err == nil || err.Error() != c.err {
					t.Errorf("%s, %s: %v, want %s", c.name, name, err, c.err)
				}
			case err != nil || rest != "rest" || v != [70]int{2: 2, 3: 3, 63: 63, 69: 69}:
				t.Errorf("%s, %s: %v, rest %q, %v", c.name, name, v, rest, err)
			}
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
