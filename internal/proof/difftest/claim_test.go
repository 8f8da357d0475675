package difftest

import (
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/proof/difftest/compare"
	"github.com/necrostack/necrogen/internal/proof/difftest/shapes"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/wire"
)

// claims are messages of five bytes: an array, a map, a text and bytes of 100 million.
var claims = []string{"\xdd\x05\xf5\xe1\x00", "\xdf\x05\xf5\xe1\x00", "\xdb\x05\xf5\xe1\x00", "\xc6\x05\xf5\xe1\x00"}

// TestClaims: what claims 100 million elements in five bytes is refused as fast as what claims
// five, and takes no memory for them: as a message, and as the value of any field.
func TestClaims(t *testing.T) {
	for _, e := range events {
		for _, claim := range claims {
			refused(t, e, claim)
			for _, name := range compare.WireNames(e) {
				refused(t, e, string(wire.AppendString([]byte("\x81"), name))+claim)
			}
		}
	}
	large := fastest(func() { _, _ = new(shapes.Sequences).ReadMsgpack([]byte(claims[0])) })
	small := fastest(func() { _, _ = new(shapes.Sequences).ReadMsgpack([]byte("\xdd\x00\x00\x00\x05")) })
	t.Logf("100 million elements are refused in %v, 5 in %v", large, small)
	if large > 10*small+10*time.Microsecond {
		t.Error("that is too long")
	}
}

// refused wants an error, and no more memory than the error and the first element take.
func refused(t *testing.T, e necro.Event, in string) {
	t.Helper()
	b, into := []byte(in), compare.Empty(e)
	read := func() {
		if _, err := into.ReadMsgpack(b); err == nil {
			t.Errorf("%T: % x is taken", e, b)
		}
	}
	if used := min(allocated(read), allocated(read), allocated(read)); used > 64<<10+uint64(64*len(b))+4<<10 {
		t.Errorf("%T: % x takes %d bytes", e, b, used)
	}
}

// fastest is the shortest of many runs: other work on the machine does not count.
func fastest(fn func()) time.Duration {
	best := time.Hour
	for range 1000 {
		start := time.Now()
		fn()
		best = min(best, time.Since(start))
	}
	return best
}
