package held

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// Streams of an organ, as the scripts number them.
const (
	MainStream  = 1
	FrontStream = 2 // read first: retries of an organ whose order is strict or key, and what waited for them
)

// Entry is an entry of a stream that this process has leased: one message, or a pack of up to 64. Deliveries
// refer to it (Ref), and to their message by its index (Tag).
type Entry struct {
	// These fields say where the entry is stored, and have its bytes. They do not change after the entry was added to a
	// Share.

	Stream    int
	Partition int // its number
	ID        string
	Size      int    // messages
	Pack      string // its bytes
	Origin    string // front stream: where the message stood before it had to wait for its key
	Read      time.Time
	Epoch     uint64  // of the lanes that its deliveries are in; 0 without lanes
	Round     uint64  // which time the stream was read from its beginning for lanes
	Lanes     []uint8 // of each message, with an Epoch

	// The owner of the Share guards these.

	Renewed   time.Time // when its lease began last
	Term      uint64    // the term of the server in which ID names this entry
	GivenUp   uint64    // bits of the messages that this process has marked as given up
	Condemned uint64    // with an Epoch: bits of the messages that a process which is gone has marked so
	states    states
}

// EntryOf returns the entry of a delivery.
func EntryOf(d *contract.Delivery) *Entry { return d.Ref.(*Entry) }

// Field is the entry's name in the hash of marks.
func (e *Entry) Field() string {
	if e.Stream == FrontStream {
		return "+" + e.ID
	}
	return e.ID
}

// name is the entry's key among the entries of its Share. For lanes the stream may be read again while an entry of it is
// held, for other messages of it.
func (e *Entry) name() string {
	if e.Round == 0 {
		return e.Field()
	}
	return e.Field() + "/" + strconv.FormatUint(e.Round, 10)
}

// allMessages has the bits of all messages. For 64 of them, too: the shift is defined to give 0.
func (e *Entry) allMessages() uint64 { return 1<<e.Size - 1 }

// StateOf returns the state of a message.
func (e *Entry) StateOf(index int) State { return e.states.of(index) }

// In returns the messages that have a state, as bits.
func (e *Entry) In(state State) uint64 { return e.states.in(state) & e.allMessages() }

// doneMessages returns the messages that are done, as bits.
func (e *Entry) doneMessages() uint64 { return e.states[doneWord] }

// HasDone reports whether a message is done, so that the entry cannot be settled as a whole any more.
func (e *Entry) HasDone() bool { return e.doneMessages() != 0 }

// IsFinished reports whether all messages are done. The server has deleted the entry then.
func (e *Entry) IsFinished() bool { return e.doneMessages() == e.allMessages() }

// IsLeased reports whether a message is neither done nor Gone.
func (e *Entry) IsLeased() bool { return e.leasedMessages() != 0 }

// leasedMessages returns the messages that are neither done nor Gone, as bits.
func (e *Entry) leasedMessages() uint64 { return e.allMessages() &^ (e.doneMessages() | e.In(Gone)) }

// IsIdle reports whether no caller has a message, so that the entry may go back.
func (e *Entry) IsIdle() bool { return e.states.in(Out) == 0 }

// NoteRead notes that a delivery was made of a message.
func (e *Entry) NoteRead(index int) { e.changeState(index, read) }

// NoteDone notes that a message was settled before the entry came to this process.
func (e *Entry) NoteDone(index int) { e.changeState(index, settle) }

// changeState lets an event happen to a message, and reports whether it was possible.
func (e *Entry) changeState(index int, event event) bool {
	to := transitions[event][e.states.of(index)]
	if to != Unread {
		e.states.set(1<<index, to)
	}
	return to != Unread
}

// loseMessages lets all messages be lost that are not done.
func (e *Entry) loseMessages() {
	for index := range e.Size {
		e.changeState(index, lose)
	}
}

// MessageSpan returns where in the bytes of the entry a message is.
func (e *Entry) MessageSpan(index int) (at, size int) {
	_, rest, err := wire.ReadArrayLen(e.Pack)
	for i := 0; i < index && err == nil; i++ {
		rest, err = wire.Skip(rest)
	}
	after, _ := wire.Skip(rest) // it could be read before
	return len(e.Pack) - len(rest), len(rest) - len(after)
}

// place is where a message stands among those of its organ.
type place struct {
	front       bool   // in front of all others: it failed, and they wait for it
	millis, seq string // of the entry's id, or of the entry where it stood before it had to wait
	index       int
}

// placeOf returns the place of a message. One that had to wait for its key returns to where it stood.
func (e *Entry) placeOf(index int) place {
	millis, seq, _ := strings.Cut(e.ID, "-")
	p := place{e.Stream == FrontStream, millis, seq, index}
	stood := strings.Split(e.Origin, "-") // as aside.lua writes it
	if number, err := strconv.Atoi(stood[len(stood)-1]); p.front && len(stood) == 3 && err == nil {
		p = place{false, strings.TrimLeft(stood[0], "0"), strings.TrimLeft(stood[1], "0"), number - 1}
	}
	return p
}

// comparePlaces compares two deliveries by stored order.
func comparePlaces(a, b *contract.Delivery) int {
	x, y := EntryOf(a), EntryOf(b)
	if x == y {
		return cmp.Compare(a.Tag, b.Tag)
	}
	return compareTwoPlaces(x.placeOf(int(a.Tag)), y.placeOf(int(b.Tag)))
}

func compareTwoPlaces(a, b place) int {
	if a.front != b.front {
		if a.front {
			return -1
		}
		return 1
	}
	return cmp.Or(compareNumbers(a.millis, b.millis), compareNumbers(a.seq, b.seq), a.index-b.index)
}

// compareNumbers compares decimal numbers without leading zeros.
func compareNumbers(a, b string) int {
	a, b = strings.TrimPrefix(a, "0"), strings.TrimPrefix(b, "0") // 0 itself is none, too
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
