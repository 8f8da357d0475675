package redisstream

import (
	"sync"

	necro "github.com/necrostack/necrogen/runtime"
)

// packBytes bounds a pack; a message that is larger has one of its own.
const packBytes = 64 << 10

// headBytes is the room for the header of a pack in front of its messages.
const headBytes = 3

// rows puts together what the scripts' give stores: route, number of messages, and the
// messages. One that is as large as a pack may be is an entry already, with its header: the
// script need not copy it. Its number is negative.
type rows struct {
	routes *routes
	args   []any
	number int
	buf    []byte

	// the row that is being put together
	prefix any // what stands in front of it, or nil
	route  int
	start  int
	count  int
}

// rowsPool keeps the memory of calls, most of which carry some hundred kilobytes.
var rowsPool = sync.Pool{New: func() any { return new(rows) }}

// maxKept bounds what one call leaves in the pool.
const maxKept = 1 << 20

// done gives the rows back, whose arguments nobody uses any more.
func (w *rows) done() {
	clear(w.args)
	*w = rows{args: w.args[:0], buf: w.buf[:0]}
	if cap(w.buf) <= maxKept {
		rowsPool.Put(w)
	}
}

// message adds a message.
func (w *rows) message(m *necro.Message) {
	w.open(m.Type)
	at := len(w.buf)
	w.buf = appendMessage(w.buf, m, progress{})
	w.count++
	w.divide(at)
}

// stored adds a message that is encoded already.
func (w *rows) stored(t *necro.EventType, b []byte) {
	w.open(t)
	at := len(w.buf)
	w.buf = append(w.buf, b...)
	w.count++
	w.divide(at)
}

// open goes on with the row, or with a new one when a message goes another way or the pack has
// as many as it may.
func (w *rows) open(t *necro.EventType) {
	route := w.routes.of(t)
	if w.count > 0 && (route != w.route || w.full()) {
		w.close()
	}
	w.route = route
	if w.count == 0 {
		w.start = len(w.buf)
		w.buf = append(w.buf, make([]byte, headBytes)...)
	}
}

// divide gives the last message, which begins at a place in buf, a row of its own when it makes
// the pack too large.
func (w *rows) divide(at int) {
	if w.count == 1 || len(w.buf)-w.start-headBytes <= packBytes {
		return
	}
	last := w.buf[at:]
	w.buf, w.count = w.buf[:at], w.count-1
	w.close()
	w.start, w.count = at, 1
	w.buf = w.buf[:at+len(last)]
	w.buf = append(w.buf, make([]byte, headBytes)...)
	copy(w.buf[at+headBytes:], last)
}

// full reports whether no other message fits into the row's pack.
func (w *rows) full() bool { return w.count >= w.routes.packs[w.route] }

// close ends the row.
func (w *rows) close() {
	if w.count == 0 {
		return
	}
	if w.prefix != nil {
		w.args = append(w.args, w.prefix)
	}
	w.args = append(w.args, w.route+1)
	w.number++
	count, b := w.take()
	w.args = append(w.args, count, b)
}

// take returns the row's number of messages and its bytes.
func (w *rows) take() (count int, b []byte) {
	count, b = w.count, w.buf[w.start:len(w.buf):len(w.buf)]
	whole := w.full() && len(w.routes.List[w.route].Targets) > 0
	w.count = 0
	switch {
	case !whole:
		return count, b[headBytes:]
	case count < 16:
		b = b[headBytes-1:]
		b[0] = 0x90 | byte(count)
	default:
		b[0], b[1], b[2] = 0xdc, 0, byte(count)
	}
	return -count, b
}
