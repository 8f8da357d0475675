package loop

import (
	"context"
	"fmt"

	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/runtime/contract"
)

// buryPoison makes dead letters of messages that could not be read, with their bytes. Their ids come from the places of
// the bytes, so that a process which finds them once more makes the same letters. After an error the entry stays leased,
// and comes again when its lease has run out. The caller holds q.reading.
//
// It settles past the commit of the queue, because the outcomes are not those of a caller, and a Fetch waits for it.
func (q *queue) buryPoison(ctx context.Context, bad []poison) error {
	for _, p := range bad {
		id := contract.IDOf(fmt.Sprint(q.key("q"), p.entry.Field(), p.index))
		d := &contract.Delivery{Ref: p.entry, Tag: uint64(p.index), Message: contract.Message{ID: id, Type: message.Unreadable, Payload: message.BytesOf(p.raw)}}
		outcomes := []contract.Outcome{{Delivery: d, Kind: contract.OutcomeDead, Death: &contract.Death{
			Reason: contract.ReasonUndecodable, Error: fmt.Sprintf("entry %s, message %d: %v", p.entry.ID, p.index, p.err),
		}}}
		if p.rest { // the messages behind it are in its bytes
			for i := p.index + 1; i < p.entry.Size; i++ {
				outcomes = append(outcomes, contract.Outcome{Delivery: &contract.Delivery{Ref: p.entry, Tag: uint64(i)}})
			}
		}
		q.p.process.Log.Error("redis: an entry cannot be read, it becomes a dead letter",
			"organ", q.organ, "stream", q.key("q"), "entry", p.entry.ID, "index", p.index, "error", p.err)
		if err := q.settleParts(ctx, []settlePart{{outcomes: outcomes}}, q.ownerName()); err != nil {
			return err
		}
	}
	return nil
}

// ownerName is ownerCandidate for callers without q.mu.
func (q *queue) ownerName() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ownerCandidate()
}
