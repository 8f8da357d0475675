package resp

import (
	"errors"
	"fmt"
	"testing"
)

// TestReplyReadsItsBytes reads a reply with each type that scripts and commands answer with.
func TestReplyReadsItsBytes(t *testing.T) {
	r := &Reply{Raw: []byte("*6\r\n:7\r\n$3\r\na\r\n\r\n$-1\r\n+OK\r\n*2\r\n$1\r\nx\r\n$1\r\ny\r\n*-1\r\n")}
	n, number, text, none, status := r.Array(), r.Int(), string(r.Bulk()), r.Bulk(), string(r.Bulk())
	pairs, nothing := r.Pairs(), r.Strings()
	if n != 6 || number != 7 || text != "a\r\n" || none != nil || status != "OK" || pairs["x"] != "y" || len(nothing) != 0 || r.Err != nil {
		t.Errorf("%d %d %q %q %q %v %v: %v", n, number, text, none, status, pairs, nothing, r.Err)
	}
	if len(r.Raw) > 0 {
		t.Errorf("%q is left", r.Raw)
	}
}

// TestHostileReplyIsAnError reads replies that no server should send: a reader gets an error and
// zero values, and no length that lies is believed.
func TestHostileReplyIsAnError(t *testing.T) {
	for _, raw := range []string{
		"", "\n", "$", "$3", "$3\r\nab", "$9223372036854775807\r\nab\r\n", "$99999999999999999999\r\n", "$x\r\n", ":1\r\n", "*1\r\n",
		"*9223372036854775807\r\n$1\r\na\r\n", "*2\r\n$1\r\na\r\n", "*1\r\n:1\r\n", "-ERR no\r\n", "*1\r\n-ERR no\r\n", "!5\r\n",
	} {
		r := &Reply{Raw: []byte(raw)}
		list := r.Strings()
		if r.Err == nil || len(list) > len(raw) {
			t.Errorf("%q is read as %q without an error", raw, list)
		}
		if r.Int() != 0 || r.Bulk() != nil || r.Array() != 0 {
			t.Errorf("%q: a reply that failed returns more than zero values", raw)
		}
	}
	r := &Reply{Raw: []byte("$9223372036854775807\r\nab\r\n")}
	if got := r.Bulk(); got != nil || !errors.Is(r.Err, ErrShape) {
		t.Errorf("a string of all memory: %q, %v", got, r.Err)
	}
	r = &Reply{Raw: []byte("*3\r\n")}
	if r.ArrayOf(2); !errors.Is(r.Err, ErrShape) {
		t.Errorf("an array of three for one of two: %v", r.Err)
	}
}

// TestServerErrorHasItsCode tells the codes of the server's errors apart, also wrapped.
func TestServerErrorHasItsCode(t *testing.T) {
	r := &Reply{Raw: []byte("-NOSCRIPT No matching script\r\n")}
	r.TakeError()
	err := fmt.Errorf("run: %w", r.Err)
	if !HasCode(err, "OOM", "NOSCRIPT") || HasCode(err, "NOSCRIP", "OOM") || HasCode(errors.New("NOSCRIPT"), "NOSCRIPT") {
		t.Errorf("the code of %v is not told apart", err)
	}
}
