package store

import "github.com/necrostack/necrogen/backends/redisstream/internal/resp"

var asideScript = loadScript("aside", allowOOM)

// AsideRequest sets aside those of some deliveries whose key another delivery holds.
type AsideRequest struct {
	Keys  Keys
	Organ string

	Mode    string // of the organ, as it is bound: "key" or "key!"
	Entries []AsideEntry
}

// AsideEntry is an entry of which some deliveries are looked at.
type AsideEntry struct {
	Stream     int // 1: the queue, 2: the front stream
	ID         string
	Size       int    // messages
	Origin     string // where the message of a front entry stood before it had to wait; empty for the first time
	Deliveries []AsideDelivery
}

// AsideDelivery is a delivery with the place of its message, so that Redis can move the bytes it has.
type AsideDelivery struct {
	Index      int // in the entry
	ID         [16]byte
	Key        string // of the event
	At, Length int    // bytes of the entry
}

// AsideReply tells which deliveries were set aside.
type AsideReply struct {
	Aside []byte // '1' or '0' for each delivery, in the order of the request
}

// Call returns the keys and arguments as aside.lua reads them.
func (r *AsideRequest) Call() Call {
	keys := []string{r.Keys.ofOrgan("q", r.Organ), r.Keys.ofOrgan("part", r.Organ), r.Keys.ofOrgan("first", r.Organ),
		r.Keys.ofOrgan("hold", r.Organ), r.Keys.ofOrgan("wait", r.Organ), r.Keys.countersKey(), r.Keys.bindingsKey()}
	args := []any{r.Mode, r.Organ, len(r.Entries)}
	for i := range r.Entries {
		e := &r.Entries[i]
		args = append(args, e.Stream, e.ID, e.Size, e.Origin, len(e.Deliveries))
		for j := range e.Deliveries {
			d := &e.Deliveries[j]
			args = append(args, d.Index, d.ID[:], d.Key, d.At, d.Length)
		}
	}
	return Call{asideScript, keys, args}
}

// ReadReply reads an answer for each delivery of the request. It returns [ErrStale] when the organ is
// bound in another mode.
func (r *AsideRequest) ReadReply(reply *resp.Reply) (AsideReply, error) {
	count := 0
	for i := range r.Entries {
		count += len(r.Entries[i].Deliveries)
	}
	bits, err := readBits(reply, count)
	return AsideReply{bits}, err
}
