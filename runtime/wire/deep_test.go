package wire_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/runtime/wire"
)

// TestDeep looks at encodings that are cut off anywhere.
func TestDeep(t *testing.T) {
	const n = wire.MaxDepth
	for in, want := range map[string]bool{
		"": false, "\x01": false, "\x92\x01": false, "\x93\x01\xa5ab": false,
		strings.Repeat("\x91", n):                         false,
		strings.Repeat("\x91", n+1):                       true,
		strings.Repeat("\x92\x01", n+1):                   true,
		strings.Repeat("\x81\xa1k", n+1):                  true,
		strings.Repeat("\x92\x91\x01", n/2):               false,
		strings.Repeat("\xdf\x00\x00\x00\x01\x01", n+1):   true,
		strings.Repeat("\xdd\xff\xff\xff\xff", n+1):       true,
		strings.Repeat("\xdc\x00\x02\x01", n+1):           true,
		strings.Repeat("\x91", n) + "\x01\x91\x01":        false,
		strings.Repeat("\x91\x01", 2*n):                   false,
		strings.Repeat("\x91\x90", 2*n):                   false,
		"\x92" + strings.Repeat("\x91", n-1) + "\x01\x90": false,
		"\xdc\x00": false,
	} {
		if got := wire.Deep(in); got != want {
			t.Errorf("%.20q… of %d bytes: %v", in, len(in), got)
		}
	}
}

// TestScan: what is read into a value that may hold itself is one whole value.
func TestScan(t *testing.T) {
	const n = wire.MaxDepth
	for in, want := range map[string]string{
		"\x91\x01rest":                       "\x91\x01",
		strings.Repeat("\x91", n) + "\x01":   strings.Repeat("\x91", n) + "\x01",
		strings.Repeat("\x91", n+1) + "\x01": "",
		"\x92\x01":                           "", "": "", "\xdd\xff\xff\xff\xff": "",
	} {
		if got, err := wire.Scan([]byte(in)); got != want || (err == nil) != (want != "") {
			t.Errorf("%.20q: %.20q, %v", in, got, err)
		}
		b, err := wire.Bounded([]byte("before"+want), 6, nil)
		if (err == nil) != (want != "") || err == nil && string(b) != "before"+want {
			t.Errorf("%.20q: %.20q, %v", want, b, err)
		}
	}
}

// TestSkipPath: an error in a value that is skipped says where it is.
func TestSkipPath(t *testing.T) {
	for in, want := range map[string]string{
		"\x92\x01\x81\xa3qty\xc1":             "[1].qty: the unused code c1 where a value is due",
		"\x81\xa5two w\xc1":                   "[two w]: the unused code c1 where a value is due",
		"\x81\x05\xc1":                        "[…]: the unused code c1 where a value is due",
		"\x81\xa1k\xda\xff\xff":               "k: a length of 65535 with 0 bytes left",
		strings.Repeat("\x91", 1001) + "\x01": "values nest deeper than 1000",
	} {
		if _, err := wire.Skip(in); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
}

// TestLongPath: a path has an end, also that of a value inside of itself.
func TestLongPath(t *testing.T) {
	err := error(&wire.Error{Problem: "bad"})
	for range 1000 {
		err = wire.Under(err, "näxt")
	}
	e, _ := errors.AsType[*wire.Error](err)
	if len(e.Path) > 210 || !strings.HasPrefix(e.Path, "näxt.näxt.") || !strings.HasSuffix(e.Path, "…") || strings.ToValidUTF8(e.Path, "?") != e.Path {
		t.Errorf("%q", e.Path)
	}
}
