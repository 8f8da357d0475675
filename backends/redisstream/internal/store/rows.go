package store

import (
	"strconv"
	"sync"
	"time"
)

// PackBytes bounds a pack; a message that is larger has one of its own.
const PackBytes = 64 << 10

// headBytes is the room for the header of a pack in front of its messages.
const headBytes = 3

// Rows puts together what the scripts' give stores: route, number of messages, and the messages. A row
// that is as large as a pack may be is an entry already, with its header: the script need not copy it. Its
// number is negative. Rows belong to one goroutine.
type Rows struct {
	Routes *Routes
	Args   []any // of the rows that are closed, and what a request puts between them
	Number int   // of rows that were closed since a request set it to 0
	IDs    int   // rows that SetID gave an id
	buf    []byte

	// The row that is being put together.
	id    any // stands in front of it, or nil where rows have none
	route int
	start int // of its bytes in buf
	at    int // of its last message
	count int // of its messages
}

// rowsPool keeps the memory of calls, most of which carry some hundred kilobytes.
var rowsPool = sync.Pool{New: func() any { return new(Rows) }}

// maxKept bounds what one call leaves in the pool.
const maxKept = 1 << 20

// TakeRows returns rows of the pool, which go back there with Recycle.
func TakeRows(routes *Routes) *Rows {
	w := rowsPool.Get().(*Rows)
	w.Routes = routes
	return w
}

// NewRows returns rows without ids.
func NewRows(routes *Routes) *Rows { return &Rows{Routes: routes} }

// NewRowsWithIDs returns rows with an id each, which is empty until SetID.
func NewRowsWithIDs(routes *Routes) *Rows { return &Rows{Routes: routes, id: ""} }

// Recycle gives the rows back to the pool. Their arguments are not used any more.
func (w *Rows) Recycle() {
	clear(w.Args)
	*w = Rows{Args: w.Args[:0], buf: w.buf[:0]}
	if cap(w.buf) <= maxKept {
		rowsPool.Put(w)
	}
}

// AppendMemory appends behind an id for how long it is remembered.
func AppendMemory(id []byte, memory time.Duration) []byte {
	return strconv.AppendInt(id, max(1, millisUp(memory)), 10)
}

// AppendUnique appends behind an id, with or without what AppendMemory appends, for how long its event is unique, and its place: its
// name and its key. once says that the id is to be remembered.
func AppendUnique(id []byte, once bool, within time.Duration, name, key string) []byte {
	if !once {
		id = append(id, '-')
	}
	id = strconv.AppendInt(append(id, '@'), max(1, millisUp(within)), 10)
	return append(append(append(append(id, ' '), name...), 0), key...)
}

// SetID closes the row, and gives those that follow an id.
func (w *Rows) SetID(id string) {
	w.Close()
	w.id = id
	if id != "" {
		w.IDs++
	}
}

// Begin begins a message for a route, in the row or in a new one when the message goes another way or the pack
// has as many as it may. It returns the bytes to append the message to.
func (w *Rows) Begin(route int) []byte {
	if w.count > 0 && (route != w.route || w.isFull()) {
		w.Close()
	}
	w.route = route
	if w.count == 0 {
		w.start = len(w.buf)
		w.buf = append(w.buf, make([]byte, headBytes)...)
	}
	w.at = len(w.buf)
	return w.buf
}

// End ends the message that was appended to what Begin returned. It gets a row of its own when it makes the
// pack too large.
func (w *Rows) End(buf []byte) {
	w.buf = buf
	w.count++
	if w.count == 1 || len(w.buf)-w.start-headBytes <= PackBytes {
		return
	}
	last := w.buf[w.at:]
	w.buf, w.count = w.buf[:w.at], w.count-1
	w.Close()
	w.start, w.count = w.at, 1
	w.buf = w.buf[:w.at+len(last)]
	w.buf = append(w.buf, make([]byte, headBytes)...)
	copy(w.buf[w.at+headBytes:], last)
}

// isFull reports whether no other message fits into the row's pack.
func (w *Rows) isFull() bool { return w.count >= w.Routes.List[w.route].Pack }

// Close ends the row.
func (w *Rows) Close() {
	if w.count == 0 {
		return
	}
	if w.id != nil {
		w.Args = append(w.Args, w.id)
	}
	w.Args = append(w.Args, w.route+1)
	w.Number++
	count, b := w.Take()
	w.Args = append(w.Args, count, b)
}

// Take ends the row without arguments of its own, and returns its number of messages and its bytes.
func (w *Rows) Take() (count int, b []byte) {
	count, b = w.count, w.buf[w.start:len(w.buf):len(w.buf)]
	whole := w.isFull() && len(w.Routes.List[w.route].Targets) > 0
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
