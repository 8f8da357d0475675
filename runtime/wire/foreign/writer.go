package foreign

import "github.com/necrostack/necrogen/runtime/wire"

// firstLook is how much is written before a look at how deep it nests.
const firstLook = 64 << 10

// writer collects what the reference writes. A value that holds itself would be written until the stack
// overflows, which nothing survives; so the writer scans the bytes it has each time they have doubled, and
// fails.
type writer struct {
	b           []byte
	start, look int
}

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) {
	w.b = append(w.b, p...)
	return len(p), w.check()
}

// WriteByte implements io.ByteWriter, for which the reference asks.
func (w *writer) WriteByte(c byte) error {
	w.b = append(w.b, c)
	return w.check()
}

func (w *writer) check() error {
	if len(w.b) < w.look {
		return nil
	}
	w.look = 2*len(w.b) - w.start
	if wire.Deep(wire.View(w.b[w.start:])) {
		return wire.TooDeep()
	}
	return nil
}
