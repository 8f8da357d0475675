package loop

import (
	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
)

// An organ may be paused, full of dead letters, owned by another consumer, or held back by its order while a read is
// under way. So the commands that tell (its gates) are sent behind the read, in the same round trip: Redis runs them
// after it, and entries that the gates do not allow go back before a handler sees them. A claim needs no gates,
// because its script looks at them before it reads.

// readableStreams returns the streams of a queue that may be read now, the front stream first. A queue that is paused or
// owned by another consumer has none. The answer is that of the last look, so each read sends the gates behind it.
func (q *queue) readableStreams() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.held.Access() == held.FrontOnly:
		return []string{q.key("first")}
	case !q.held.Access().IsReadable():
		return nil
	case q.order() != "-":
		return []string{q.key("first"), q.key("q")}
	}
	return []string{q.key("q")}
}

// gateCommands returns the gates of a queue in a mode, for [queue.stateFromGates]. An organ is paused by an operator under
// its name, and by its limit of dead letters under its name with an exclamation mark. The number of commands depends on
// the mode, so both functions must be given the same one.
func (q *queue) gateCommands(m table.Mode) [][]any {
	cmds := [][]any{{"hmget", q.p.Key("pause"), q.organ, q.organ + "!"}}
	if m.Exclusive {
		cmds = append(cmds, []any{"get", q.key("own")})
	}
	if m.Order != "-" {
		cmds = append(cmds, []any{"hlen", q.key("hold")})
	}
	return cmds
}

// stateFromGates reads the replies to gates of a mode, and returns the access that they tell. It counts for the queue
// unless a settle of this process has paused the organ since the gates were sent.
func (q *queue) stateFromGates(m table.Mode, replies []*resp.Reply, haltsBefore int) (open held.Access, err error) {
	// A pause counts before an owner, and an owner before the order: each of them alone keeps deliveries back.
	now := held.Open
	paused := replies[0]
	for range max(paused.Array(), 0) {
		if paused.Bulk() != nil {
			now = held.Paused
		}
	}
	err = paused.Err
	next := 1
	if m.Exclusive {
		owner := replies[next].Bulk()
		if now == held.Open && !q.ownsOrgan(string(owner)) {
			now = held.Owned
		}
		err = firstError(err, replies[next].Err)
		next++
	}
	if m.Order != "-" {
		if n := replies[next].Int(); now == held.Open && n > 0 {
			now = held.SomeKeys
			if m.Order == "strict" {
				now = held.FrontOnly
			}
		}
		err = firstError(err, replies[next].Err)
	}
	if err != nil {
		return held.Open, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.held.NoteAnswer(now, haltsBefore), nil
}

// gatedState returns the access to a queue by the replies to the gates of a blocking read, which are those of many organs
// together. Ordered organs are not read this way, so their holders are not among them.
func (q *queue) gatedState(pauses map[string]string, owners map[*queue]string) held.Access {
	_, paused := pauses[q.organ]
	_, full := pauses[q.organ+"!"]
	owner, owned := owners[q]
	switch {
	case paused || full:
		return held.Paused
	case owned && !q.ownsOrgan(owner):
		return held.Owned
	}
	return held.Open
}

// ownsOrgan reports whether a consumer of this process is the owner. An organ without an owner is another one's: a claim
// takes the ownership first.
func (q *queue) ownsOrgan(owner string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, c := range q.consumers {
		if c.name == owner {
			return true
		}
	}
	return false
}
