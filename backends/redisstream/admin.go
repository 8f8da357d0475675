package redisstream

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/loop"
	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
	"github.com/necrostack/necrogen/runtime/contract"
)

// DeadLetters lists dead letters, partition by partition, oldest first in each. It may return fewer
// than limit where there are more, since it ends a page at 4 MiB.
func (b *Backend) DeadLetters(ctx context.Context, organ string, after contract.ID, limit int) ([]contract.DeadLetter, error) {
	if err := b.checkKnown(ctx, organ); err != nil {
		return nil, err
	}
	var letters []contract.DeadLetter
	found, room := after.IsZero(), lettersBytes
	for _, p := range b.partitions {
		if len(letters) >= limit || room <= 0 {
			break
		}
		organ, err := p.IdentityOf(ctx, organ)
		if err != nil {
			return nil, p.ExplainError(err)
		}
		from := "-"
		if !found {
			id, err := p.letterID(ctx, organ, after)
			if err != nil {
				return nil, p.ExplainError(err)
			}
			if id == "" {
				continue
			}
			found, from = true, "("+id
		}
		more, err := p.deadLetters(ctx, organ, from, limit-len(letters), &room)
		if err != nil {
			return nil, p.ExplainError(err)
		}
		letters = append(letters, more...)
	}
	if !found {
		return nil, fmt.Errorf("redis: list the dead letters of organ %s: none is known by the id %s: begin at the first", organ, after)
	}
	return letters, nil
}

// checkKnown returns an error that is ErrNoOrgan when no partition has bound an organ. One that some
// have is known: a removal may have been interrupted.
func (b *Backend) checkKnown(ctx context.Context, organ string) error {
	if err := b.process.ConnectOnce(ctx); err != nil {
		return err
	}
	var failed error
	for _, p := range b.partitions {
		t, err := p.ReloadTable(ctx)
		if err == nil && t.OrganNamed(organ) != nil {
			return nil
		}
		failed = cmp.Or(failed, p.ExplainError(err))
	}
	if failed != nil {
		return failed
	}
	return fmt.Errorf("redis: organ %s: %w", organ, contract.ErrNoOrgan)
}

// letterID returns the entry of a dead letter, which may be gone: the last when there are several
// with its id.
func (p *partition) letterID(ctx context.Context, organ string, id contract.ID) (string, error) {
	for _, key := range []string{"deadid:", "gone:", "before:"} {
		r := p.SendCommand(ctx, []any{"hget", p.Key(key + organ), id[:]})
		ids := strings.Fields(string(r.Bulk()))
		if r.Err != nil {
			return "", r.Err
		}
		if len(ids) > 0 {
			return ids[len(ids)-1], nil
		}
	}
	return "", nil
}

// lettersBytes is how much a page of dead letters has at most, unless one letter has more.
const lettersBytes = 4 << 20

// deadLetters reads a page of at most so many dead letters, which ends when it has taken all room.
func (p *partition) deadLetters(ctx context.Context, organ, from string, limit int, room *int) (letters []contract.DeadLetter, err error) {
	w, shown := conn.Window{}, p.ShownName(organ)
	for len(letters) < limit && *room > 0 {
		r, asked := w.ReadPage(ctx, p.Node, limit-len(letters), func(count int) []any {
			return []any{"xrange", p.Key("dead:" + organ), from, "+", "COUNT", count}
		})
		n, size := max(r.Array(), 0), len(r.Raw)
		for range n {
			r.Array()
			entry := string(r.Bulk())
			if letter := letterOf(shown, entry, r.Pairs()); r.Err == nil && *room > 0 {
				letters, from = append(letters, letter), "("+entry
				*room -= size / n
			}
		}
		if r.Err != nil || n < asked {
			return letters, r.Err
		}
		w.NoteAnswer(n, size)
	}
	return letters, nil
}

// letterOf reads a dead letter. What cannot be read as a message is its payload.
func letterOf(organ, entry string, f map[string]string) contract.DeadLetter {
	var d contract.Delivery
	if rest, err := message.Read(f["m"], &d, nil); err != nil || rest != "" {
		d = contract.Delivery{Message: contract.Message{Type: message.Unreadable, Payload: []byte(f["m"])}}
	}
	millis, _, _ := strings.Cut(entry, "-")
	at, _ := strconv.ParseInt(millis, 10, 64)
	l := contract.DeadLetter{
		Organ: organ, Message: d.Message, Attempts: max(countOf(f, "attempts"), 0), Time: time.UnixMilli(at),
		Death: contract.Death{
			Reason: contract.Reason(message.ClipMiddle(f["reason"], message.MaxReason)), Error: message.ClipMiddle(f["error"], message.MaxErrorBytes), Stack: message.ClipMiddle(f["stack"], message.MaxStackBytes),
			GaveUp: f["gaveup"] != "",
		},
	}
	copy(l.ID[:], f["id"])
	return l
}

// Redrive stores dead letters again.
func (b *Backend) Redrive(ctx context.Context, organ string, ids ...contract.ID) (int, error) {
	return b.eachPartition(ctx, organ, func(p *partition, organ string) (int, error) { return p.changeLetters(ctx, true, organ, ids, nil) })
}

// RedriveEdited takes a dead letter out, and stores another message for its organ in its place.
func (b *Backend) RedriveEdited(ctx context.Context, organ string, id contract.ID, m *contract.Message) (bool, error) {
	if err := contract.CheckEdited(id, m); err != nil {
		return false, err
	}
	edited := message.Append(nil, m, message.Progress{})
	n, err := b.eachPartition(ctx, organ, func(p *partition, organ string) (int, error) {
		return p.changeLetters(ctx, true, organ, []contract.ID{id}, edited)
	})
	return n > 0, err
}

// Discard forgets dead letters.
func (b *Backend) Discard(ctx context.Context, organ string, ids ...contract.ID) (int, error) {
	return b.eachPartition(ctx, organ, func(p *partition, organ string) (int, error) { return p.changeLetters(ctx, false, organ, ids, nil) })
}

// eachPartition sums up what a call for an organ does in all partitions, which know it by its identity. One
// that fails keeps none of the others from it.
func (b *Backend) eachPartition(ctx context.Context, organ string, call func(p *partition, organ string) (int, error)) (int, error) {
	if err := b.checkKnown(ctx, organ); err != nil {
		return 0, err
	}
	sum := 0
	errs := make([]error, len(b.partitions))
	for i, p := range b.partitions {
		id, err := p.IdentityOf(ctx, organ)
		if err == nil {
			var n int
			n, err = call(p, id)
			sum += n
			p.LookAgain()
		}
		errs[i] = p.ExplainError(err)
	}
	return sum, joinLines(errs)
}

// changeLetters redrives or discards dead letters, so many at a time as one call may carry. With an edited message that is stored in
// the place of the one letter.
func (p *partition) changeLetters(ctx context.Context, redrive bool, organ string, ids []contract.ID, edited []byte) (int, error) {
	moved := 0
	for len(ids) > 0 {
		some := ids[:min(len(ids), loop.MaxOutcomes)]
		ids = ids[len(some):]
		var request store.DeadRequest
		r := p.CallFresh(ctx, func(t *table.Bindings) *resp.Reply {
			rs := table.NewRoutes(p.Keys(), t)
			if to := t.Organs[organ]; redrive {
				if to == nil {
					return &resp.Reply{Err: fmt.Errorf("redis: organ %s: %w", organ, contract.ErrNoOrgan)}
				}
				rs.DirectRoute(to, false)
			}
			request = store.DeadRequest{Keys: p.Keys(), Redrive: redrive, Digest: t.Digest, Routes: rs.Routes, Organ: organ, Edited: edited}
			for _, id := range some {
				request.Letters = append(request.Letters, id)
			}
			return p.RunCall(ctx, request.Call())
		})
		reply, err := request.ReadReply(r)
		moved += reply.Moved
		if err != nil {
			return moved, err
		}
	}
	return moved, nil
}

// Pause stops deliveries to an organ in all processes. A process that waits for new events just then hands them
// back.
func (b *Backend) Pause(ctx context.Context, organ, reason string) error {
	if reason == "" {
		reason = "paused"
	}
	return b.commandAll(ctx, organ, func(p *partition, organ string) []any { return []any{"hset", p.Key("pause"), organ, reason} })
}

// Resume ends every pause of an organ.
func (b *Backend) Resume(ctx context.Context, organ string) error {
	return b.commandAll(ctx, organ, func(p *partition, organ string) []any { return []any{"hdel", p.Key("pause"), organ, organ + "!"} })
}

// commandAll sends one command about an organ to all partitions.
func (b *Backend) commandAll(ctx context.Context, organ string, args func(p *partition, organ string) []any) error {
	_, err := b.eachPartition(ctx, organ, func(p *partition, organ string) (int, error) {
		r := p.SendCommand(ctx, args(p, organ))
		return 0, r.Err
	})
	return err
}
