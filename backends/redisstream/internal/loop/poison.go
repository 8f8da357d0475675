package loop

import (
	"context"
	"fmt"

	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/runtime/contract"
)

// buryPoison makes dead letters of messages that could not be read, with their bytes. Their ids come from the places of
// the bytes, so that a process which finds them once more makes the same letters. After an error the entries stay leased,
// and come again when their leases have run out. The caller holds q.reading.
//
// It settles past the commit of the queue, because the outcomes are not those of a caller, and a Fetch waits for it. All
// of a read are settled together, because a pack of hostile bytes may have 64 of them.
func (q *queue) buryPoison(ctx context.Context, bad []poison) error {
	var outcomes []contract.Outcome
	for _, p := range bad {
		q.p.process.Log.Error("redis: an entry cannot be read, it becomes a dead letter",
			"organ", q.organ, "stream", q.key("q"), "entry", p.entry.ID, "index", p.index, "error", p.err)
		outcomes = append(outcomes, q.outcomesOf(p)...)
	}
	for len(outcomes) > 0 {
		parts, n := q.divideParts(outcomes)
		if err := q.settleParts(ctx, parts, q.ownerName()); err != nil {
			return err
		}
		outcomes = outcomes[n:]
	}
	return nil
}

// outcomesOf returns the outcomes of the messages that a poison stands for: a dead letter for the first one. Those behind it
// are in its bytes.
func (q *queue) outcomesOf(p poison) []contract.Outcome {
	id := contract.IDOf(fmt.Sprint(q.key("q"), p.entry.Field(), p.index))
	d := &contract.Delivery{Ref: p.entry, Tag: uint64(p.index), Message: contract.Message{ID: id, Type: message.Unreadable, Payload: message.BytesOf(p.raw)}}
	outcomes := []contract.Outcome{{Delivery: d, Kind: contract.OutcomeDead, Death: &contract.Death{
		Reason: contract.ReasonUndecodable, Error: fmt.Sprintf("entry %s, message %d: %v", p.entry.ID, p.index, p.err),
	}}}
	if p.rest {
		for i := p.index + 1; i < p.entry.Size; i++ {
			outcomes = append(outcomes, contract.Outcome{Delivery: &contract.Delivery{Ref: p.entry, Tag: uint64(i)}})
		}
	}
	return outcomes
}

// ownerName is ownerCandidate for callers without q.mu.
func (q *queue) ownerName() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ownerCandidate()
}
