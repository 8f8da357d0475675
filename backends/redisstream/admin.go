package redisstream

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// DeadLetters lists dead letters, partition by partition, oldest first in each.
func (b *Backend) DeadLetters(ctx context.Context, organ string, after necro.ID, limit int) ([]necro.DeadLetter, error) {
	if err := b.connect(ctx); err != nil {
		return nil, err
	}
	var letters []necro.DeadLetter
	found := after.IsZero()
	for _, p := range b.partitions {
		if len(letters) >= limit {
			break
		}
		from := "-"
		if !found {
			id, err := p.letterID(ctx, organ, after)
			if err != nil {
				return nil, p.node.explain(err)
			}
			if id == "" {
				continue
			}
			found, from = true, "("+id
		}
		more, err := p.deadLetters(ctx, organ, from, limit-len(letters))
		if err != nil {
			return nil, p.node.explain(err)
		}
		letters = append(letters, more...)
	}
	return letters, nil
}

// letterID returns the entry of a dead letter, the last when there are several with its id.
func (p *partition) letterID(ctx context.Context, organ string, id necro.ID) (string, error) {
	calls, _, err := p.node.clients(ctx)
	if err != nil {
		return "", err
	}
	r := p.send(ctx, calls, []any{"hget", p.key("deadid:" + organ), id[:]})
	ids := strings.Fields(string(r.bulk()))
	if r.err != nil || len(ids) == 0 {
		return "", r.err
	}
	return ids[len(ids)-1], nil
}

func (p *partition) deadLetters(ctx context.Context, organ, from string, limit int) ([]necro.DeadLetter, error) {
	calls, _, err := p.node.clients(ctx)
	if err != nil {
		return nil, err
	}
	r := p.send(ctx, calls, []any{"xrange", p.key("dead:" + organ), from, "+", "COUNT", limit})
	var letters []necro.DeadLetter
	for range max(r.array(), 0) {
		r.array()
		entry := string(r.bulk())
		letters = append(letters, letterOf(organ, entry, pairs(r)))
	}
	return letters, r.err
}

// letterOf reads a dead letter. What cannot be read as a message is its payload.
func letterOf(organ, entry string, f map[string]string) necro.DeadLetter {
	var d necro.Delivery
	if rest, err := readMessage(f["m"], &d, nil); err != nil || rest != "" {
		d = necro.Delivery{Message: necro.Message{Type: unreadable, Payload: []byte(f["m"])}}
	}
	millis, _, _ := strings.Cut(entry, "-")
	at, _ := strconv.ParseInt(millis, 10, 64)
	l := necro.DeadLetter{
		Organ: organ, Message: d.Message, Attempts: count(f, "attempts"), Time: time.UnixMilli(at),
		Death: necro.Death{Reason: necro.Reason(f["reason"]), Error: f["error"], Stack: f["stack"]},
	}
	copy(l.ID[:], f["id"])
	return l
}

// Redrive stores dead letters again.
func (b *Backend) Redrive(ctx context.Context, organ string, ids ...necro.ID) (int, error) {
	return b.eachPartition(ctx, func(p *partition) (int, error) { return p.letters(ctx, redriveScript, organ, ids) })
}

// Discard forgets dead letters.
func (b *Backend) Discard(ctx context.Context, organ string, ids ...necro.ID) (int, error) {
	return b.eachPartition(ctx, func(p *partition) (int, error) { return p.letters(ctx, discardScript, organ, ids) })
}

// eachPartition sums up what a call does in all partitions.
func (b *Backend) eachPartition(ctx context.Context, call func(*partition) (int, error)) (int, error) {
	if err := b.connect(ctx); err != nil {
		return 0, err
	}
	sum := 0
	for _, p := range b.partitions {
		n, err := call(p)
		sum += n
		if err != nil {
			return sum, p.node.explain(err)
		}
		p.lookAgain()
	}
	return sum, nil
}

// lookAgain lets the organs of this process see at once what an operator did.
func (p *partition) lookAgain() {
	for _, q := range p.list() {
		q.again()
	}
}

// letters redrives or discards dead letters, so many at a time as one call may carry.
func (p *partition) letters(ctx context.Context, s *script, organ string, ids []necro.ID) (int, error) {
	moved := 0
	for len(ids) > 0 {
		some := ids[:min(len(ids), maxOutcomes)]
		ids = ids[len(some):]
		r := p.fresh(ctx, func(t *bindings) *reply {
			rs := &routes{table: t}
			keys := []string{p.key("bind"), p.key("n"), p.key("pause"), p.key("dead:" + organ), p.key("deadid:" + organ)}
			if to := t.organs[organ]; s == redriveScript {
				if to == nil {
					return &reply{err: fmt.Errorf("redis: no organ %s is bound", organ)}
				}
				rs.direct(to, "q:")
			}
			args := append([]any{t.digest}, rs.args()...)
			args = append(args, organ, len(some))
			for i := range some {
				args = append(args, some[i][:])
			}
			return p.run(ctx, s, append(keys, rs.keys(p)...), args...)
		})
		moved += r.int()
		if r.err != nil {
			return moved, r.err
		}
	}
	return moved, nil
}

// Pause stops deliveries to an organ in all processes. One that waits for new events just
// then hands back what it gets.
func (b *Backend) Pause(ctx context.Context, organ, reason string) error {
	if reason == "" {
		reason = "paused"
	}
	return b.command(ctx, func(p *partition) []any { return []any{"hset", p.key("pause"), organ, reason} })
}

// Resume ends every pause of an organ.
func (b *Backend) Resume(ctx context.Context, organ string) error {
	return b.command(ctx, func(p *partition) []any { return []any{"hdel", p.key("pause"), organ, organ + "!"} })
}

// command sends one command to all partitions.
func (b *Backend) command(ctx context.Context, args func(*partition) []any) error {
	_, err := b.eachPartition(ctx, func(p *partition) (int, error) {
		calls, _, err := p.node.clients(ctx)
		if err != nil {
			return 0, err
		}
		r := p.send(ctx, calls, args(p))
		return 0, r.err
	})
	return err
}

// RemoveOrgan forgets an organ that has no consumers, with everything stored for it. Its
// events are parked from then on, unless another organ handles them.
func (b *Backend) RemoveOrgan(ctx context.Context, organ string) error {
	_, err := b.eachPartition(ctx, func(p *partition) (int, error) {
		keys := append([]string{p.key("bind"), p.key("n"), p.key("pause"), p.key("live"), p.key("due")}, p.organKeys(organ)...)
		r := p.run(ctx, removeScript, keys, organ)
		if len(r.b) > 0 && r.b[0] == ':' {
			return 0, fmt.Errorf("redis: organ %s has %d consumers: stop them first", organ, r.int())
		}
		r.bulk()
		return 0, r.err
	})
	return err
}
