package wire_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/runtime/wire"
)

// word writes itself, or fails as it says.
type word struct{ text string }

func (w *word) MarshalText() ([]byte, error) {
	switch w.text {
	case "fails":
		return nil, errBad
	case "panics":
		panic("oh")
	case "nil":
		return nil, nil
	}
	return []byte(w.text), nil
}

func (w *word) UnmarshalText(b []byte) error {
	switch w.text = string(b); w.text {
	case "fails":
		return errBad
	case "panics":
		panic("oh")
	}
	b[0] = '!' // what it is handed is its own
	return nil
}

func (w *word) MarshalBinary() ([]byte, error) { return w.MarshalText() }
func (w *word) UnmarshalBinary(b []byte) error { return w.UnmarshalText(b) }
func (w *word) Error() string                  { b, _ := w.MarshalText(); return string(b) }

var errBad = errors.New("bad word")

func TestOwnMethods(t *testing.T) {
	for text, want := range map[string]string{
		"abc": `"\xc4\x03abc" <nil>`, "nil": `"\xc0" <nil>`,
		"fails": `"" its MarshalX fails: bad word`, "panics": `"" its MarshalX panics: oh`,
	} {
		for kind, write := range map[string]func([]byte, *word) ([]byte, error){
			"Text":   func(b []byte, w *word) ([]byte, error) { return wire.AppendText(b, w) },
			"Binary": func(b []byte, w *word) ([]byte, error) { return wire.AppendBinary(b, w) },
		} {
			b, err := write(nil, &word{text})
			if got := fmt.Sprintf("%+q %v", b, err); got != strings.ReplaceAll(want, "MarshalX", "Marshal"+kind) {
				t.Errorf("%s %s: %s", kind, text, got)
			}
			if text == "fails" && !errors.Is(err, errBad) {
				t.Errorf("%s: the cause is lost", kind)
			}
		}
	}
	for in, want := range map[string]string{
		"\xa3abc": `"abc" "rest" <nil>`, "\xc4\x03abc": `"abc" "rest" <nil>`, "\xc0": `"" "rest" <nil>`,
		"\xa5fails": `"fails" "" its UnmarshalX fails: bad word`, "\xa6panics": `"panics" "" its UnmarshalX panics: oh`,
		"\x05": `"" "" an integer where binary data or a string is due`, "\xa9abc": `"" "" the input ends 2 bytes early`,
	} {
		for kind, read := range map[string]func(string, *word) (string, error){
			"Text":   func(s string, w *word) (string, error) { return wire.ReadText(s, w) },
			"Binary": func(s string, w *word) (string, error) { return wire.ReadBinary(s, w) },
		} {
			var w word
			rest, err := read(in+"rest", &w)
			if got := fmt.Sprintf("%q %q %v", w.text, rest, err); got != strings.ReplaceAll(want, "UnmarshalX", "Unmarshal"+kind) {
				t.Errorf("%s %q: %s", kind, in, got)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	for text, want := range map[string]string{"abc": "\xa3abc", "panics": ""} {
		if b, err := wire.AppendError(nil, &word{text}); string(b) != want || (err == nil) != (want != "") {
			t.Errorf("%q, %v", b, err)
		}
	}
	if b, err := wire.AppendError(nil, nil); string(b) != "\xc0" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	err := errors.New("before")
	for in, want := range map[string]string{"\xc0": "<nil>", "\xa1x": "x", "\xc4\x01x": "x"} {
		if _, e := wire.ReadError(in, &err); e != nil || fmt.Sprint(err) != want {
			t.Errorf("%q: %v, %v", in, err, e)
		}
	}
	if _, e := wire.ReadError("\x93\x01\x02\x03", &err); e == nil {
		t.Error("an array is taken for an error")
	}
}

func TestRaw(t *testing.T) {
	for raw, want := range map[string]string{
		"\x93\x01\x02\x03": "<nil>", "\xc0": "<nil>",
		"": "nothing where a value is due", "\x01\x02": "more than the one value that is due: put them into an array",
		"\x93\x01": "3 elements in 1 bytes", strings.Repeat("\x91", 1001) + "\xc0": "values nest deeper than 1000",
	} {
		if _, err := wire.AppendRaw(nil, []byte(raw)); fmt.Sprint(err) != want {
			t.Errorf("%.20q: %v, want %s", raw, err, want)
		}
	}
	var raw []byte
	if rest, err := wire.ReadRaw("\x93\x01\x02\x03rest", &raw); err != nil || rest != "rest" || string(raw) != "\x93\x01\x02\x03" {
		t.Errorf("% x, %q, %v", raw, rest, err)
	}
	if b, err := wire.AppendRaw(nil, nil); string(b) != "\xc0" || err != nil {
		t.Errorf("% x, %v", b, err)
	}
	if _, err := wire.ReadRaw("\xc0", &raw); raw != nil || err != nil {
		t.Errorf("% x, %v", raw, err)
	}
}
