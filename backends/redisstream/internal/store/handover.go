package store

import "github.com/necrostack/necrogen/backends/redisstream/internal/resp"

var handoverScript = newScript("", readSource("unique"), readSource("handover"))

// HandoverRequest hands over a page of the parked events.
type HandoverRequest struct {
	Keys Keys

	Digest          string // of the table of bindings that the caller knows
	Messages, Bytes int    // at most, in this page
	Organs          []Target
	Events          []HandoverEvent
}

// HandoverEvent is an event whose park is being handed over.
type HandoverEvent struct {
	Name   string
	Organs []int // numbers in the list of organs, from 1 on
}

// HandoverReply tells whether parked events are left.
type HandoverReply struct {
	Done bool // all organs have had all of it
}

// Call returns the keys and arguments as handover.lua reads them.
func (r *HandoverRequest) Call() Call {
	keys := append([]string{r.Keys.bindingsKey(), r.Keys.countersKey()}, r.Keys.uniquesOf()...)
	args := []any{r.Digest, r.Messages, r.Bytes, len(r.Organs)}
	for _, o := range r.Organs {
		keys, args = append(keys, r.Keys.ofOrgan("q", o.Organ), r.Keys.ofOrgan("part", o.Organ)), append(args, o.Organ, o.Pack)
	}
	args = append(args, len(r.Events))
	for _, e := range r.Events {
		keys = append(keys, r.Keys.ofEvent("park", e.Name), r.Keys.ofEvent("took", e.Name))
		args = appendMarks(append(args, e.Name), e.Organs)
	}
	return Call{handoverScript, keys, args}
}

// ReadReply reads whether parked events are left. It returns [ErrStale] when the bindings have changed.
func (r *HandoverRequest) ReadReply(reply *resp.Reply) (HandoverReply, error) {
	word, err := readWord(reply, "DONE", "MORE")
	return HandoverReply{word == "DONE"}, err
}
