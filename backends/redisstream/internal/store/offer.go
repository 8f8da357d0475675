package store

import "github.com/necrostack/necrogen/backends/redisstream/internal/resp"

var offerScript = loadScript("offer", allowOOM)

// OfferRequest stores messages again as entries of their own, for processes that wait.
type OfferRequest struct {
	Keys  Keys
	Organ string

	Consumer string
	Entries  []OfferEntry
}

// OfferEntry is an entry of the queue that the consumer holds.
type OfferEntry struct {
	ID       string
	Size     int // messages that it has
	Messages []OfferMessage
}

// OfferMessage is a message that no handler of the process has begun with.
type OfferMessage struct {
	Index      int // in the entry
	At, Length int // bytes of the entry
}

// OfferReply tells what became of an offer.
type OfferReply struct {
	Busy  bool   // no process is idle: nothing was stored
	Moved []byte // '1' for each entry whose messages were stored again, '0' for one that is not held any more
}

// Call returns the keys and arguments as offer.lua reads them.
func (r *OfferRequest) Call() Call {
	keys := []string{r.Keys.bindingsKey(), r.Keys.countersKey(), r.Keys.ofOrgan("q", r.Organ), r.Keys.ofOrgan("part", r.Organ)}
	args := []any{r.Organ, r.Consumer, len(r.Entries)}
	for _, e := range r.Entries {
		args = append(args, e.ID, e.Size, len(e.Messages))
		for _, m := range e.Messages {
			args = append(args, m.Index, m.At, m.Length)
		}
	}
	return Call{offerScript, keys, args}
}

// ReadReply reads an answer for each entry of the request. It returns [ErrStale] when the order of the
// organ counts by now.
func (r *OfferRequest) ReadReply(reply *resp.Reply) (OfferReply, error) {
	if string(reply.Raw) == "$4\r\nBUSY\r\n" {
		return OfferReply{Busy: true}, reply.Err
	}
	bits, err := readBits(reply, len(r.Entries))
	return OfferReply{Moved: bits}, err
}
