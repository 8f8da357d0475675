package redisstream

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// Streams of an organ, as the scripts number them.
const (
	mainStream  = 1
	frontStream = 2 // read first: retries of an organ whose order is strict or key, and what waited for them
)

// entry is an entry of a stream that this process has leased: one message or a pack.
type entry struct {
	stream    int
	partition int // its number
	id        string
	size      int
	settled   uint64 // bits of messages
	handed    uint64 // handed out to a caller and neither settled nor released
	passed    uint64 // order=key: no other delivery held their keys when that was looked up last
	pack      string // its bytes
	renewed   time.Time
	term      uint64 // in which the id names this entry (see term.go)
	gone      bool   // it was claimed again, by whoever
	origin    string // front stream: where the message stood before it had to wait for its key
}

// markField is the entry's name in the hash of marks.
func (e *entry) markField() string {
	if e.stream == frontStream {
		return "+" + e.id
	}
	return e.id
}

func (e *entry) allBits() uint64 { return 1<<e.size - 1 } // also for 64: the shift is defined to give 0

func (e *entry) isFinished() bool { return e.settled == e.allBits() }

// place of a message in the entry's bytes.
func (e *entry) messageSpan(index int) (at, size int) {
	_, rest, err := wire.ReadArrayLen(e.pack)
	for i := 0; i < index && err == nil; i++ {
		rest, err = wire.Skip(rest)
	}
	after, _ := wire.Skip(rest) // it could be read before
	return len(e.pack) - len(rest), len(rest) - len(after)
}

// isIdle reports whether no caller works on the entry.
func (e *entry) isIdle() bool { return e.handed == 0 }

// received is an entry as it was read.
type received struct {
	stream     int
	term       uint64 // when the call was made that read it
	id         []byte
	deliveries int    // how often Redis delivered it
	marks      []byte // of its messages; empty when all are open
	pack       []byte
	origin     []byte
}

// poison is a part of an entry that cannot be read.
type poison struct {
	entry *entry
	index int
	raw   string // of this message, or of all that is left of the entry
	rest  bool   // messages behind it are lost in it
	err   error
}

// unpack makes deliveries of an entry's open messages, and appends them to ds.
func (r *received) unpack(ds []contract.Delivery, partition int, ts types) ([]contract.Delivery, *entry, []poison) {
	s := wire.View(r.pack)
	e := &entry{stream: r.stream, partition: partition, id: string(r.id), size: 1, term: r.term, renewed: time.Now(), origin: string(r.origin), pack: s}
	n, rest, err := wire.ReadArrayLen(s)
	if err == nil && (n < 1 || n > maxPack) {
		err = fmt.Errorf("a pack of %d messages, want 1 to %d", n, maxPack)
	}
	if err != nil {
		return ds, e, []poison{{entry: e, raw: s, rest: true, err: err}}
	}
	e.size, s = n, rest
	var bad []poison
	for i := range n {
		mark := byte('.')
		if i < len(r.marks) {
			mark = r.marks[i]
		}
		if mark == '#' {
			e.settled |= 1 << i
			if s, err = wire.Skip(s); err != nil {
				return ds, e, append(bad, poison{entry: e, index: i + 1, raw: s, rest: true, err: err})
			}
			continue
		}
		ds = append(ds, contract.Delivery{Ref: e, Tag: uint64(i), Suspect: r.deliveries > 1})
		d := &ds[len(ds)-1]
		if mark >= '1' && mark <= '4' {
			d.Crashes = int32(mark - '0')
		}
		start := s
		if s, err = readMessage(start, d, ts); err == nil {
			continue
		}
		ds = ds[:len(ds)-1]
		p := poison{entry: e, index: i, err: err}
		after, skip := wire.Skip(start)
		if p.rest = skip != nil; p.rest {
			p.raw = start
			return ds, e, append(bad, p)
		}
		p.raw, s = start[:len(start)-len(after)], after
		bad = append(bad, p)
	}
	return ds, e, bad
}

// place is where a message stands among those of its organ.
type place struct {
	front       bool   // in front of all others: it failed, and they wait for it
	millis, seq string // of the entry's id, or of the entry where it stood before it had to wait
	index       int
}

func (e *entry) placeOf(index int) place {
	millis, seq, _ := strings.Cut(e.id, "-")
	p := place{e.stream == frontStream, millis, seq, index}
	stood := strings.Split(e.origin, "-") // as aside.lua writes it
	if number, err := strconv.Atoi(stood[len(stood)-1]); p.front && len(stood) == 3 && err == nil {
		p = place{false, strings.TrimLeft(stood[0], "0"), strings.TrimLeft(stood[1], "0"), number - 1}
	}
	return p
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
