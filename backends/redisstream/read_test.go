package redisstream

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// TestReadForSeveralOrgans: what one of them cannot take does not cost the others theirs, until
// their leases run out.
func TestReadForSeveralOrgans(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	b, err := Open(redistest.Shared(t).URL(), WithNamespace(redistest.Namespace(t)), WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	event := &contract.EventType{Name: "E", Version: 1}
	var subs []contract.Subscription
	for _, organ := range []string{"a", "b"} {
		subs = append(subs, contract.Subscription{Organ: organ, Path: "p", Lease: time.Minute, DeadLimit: 9, DeadBytes: 1 << 20, Events: []*contract.EventType{event}})
	}
	consumers, err := b.Subscribe(ctx, subs)
	if err != nil {
		t.Fatal(err)
	}
	p := b.partitions[0]
	if _, err := b.Publish(ctx, []contract.Message{{ID: contract.NewID(), Type: event, Payload: []byte{0x80}}}, contract.PublishOptions{}); err != nil {
		t.Fatal(err)
	}
	p.SendCommand(ctx, []any{"xadd", p.key("q:a"), "*", "m", "no message"})
	p.SendCommand(ctx, []any{"set", p.key("dead:a"), "in the way"}) // so it cannot be buried
	queues := p.sortedQueues()
	for _, q := range queues {
		q.want = 2
	}
	if err := p.readers[quickReader].readQueues(queues); err == nil {
		t.Fatal("no error: the test does not bite")
	}
	if ds, err := consumers[1].Fetch(ctx, 1); len(ds) != 1 || err != nil {
		t.Errorf("fetched %d deliveries, error %v", len(ds), err)
	}
}

// TestSettleIsBoundedInBytes: what is stored again counts like what is emitted.
func TestSettleIsBoundedInBytes(t *testing.T) {
	d := &contract.Delivery{Message: contract.Message{Payload: make([]byte, maxBytes/3)}}
	for name, o := range map[string]contract.Outcome{
		"ack":   {Delivery: &contract.Delivery{}, Emit: []contract.Message{d.Message}},
		"retry": {Delivery: d, Kind: contract.OutcomeRetry},
		"dead":  {Delivery: d, Kind: contract.OutcomeDead, Death: &contract.Death{}},
	} {
		if n, _ := countFitting([]contract.Outcome{o, o, o, o, o, o, o, o}); n != 3 {
			t.Errorf("%s: %d outcomes in one call", name, n)
		}
	}
	stack := contract.Outcome{Delivery: &contract.Delivery{}, Kind: contract.OutcomeDead, Death: &contract.Death{Stack: string(d.Payload)}}
	if n, _ := countFitting(slices.Repeat([]contract.Outcome{stack}, 50)); n != maxBytes/maxStackBytes {
		t.Errorf("%d stacks in one call, of which %d bytes are kept each", n, maxStackBytes)
	}
}

// TestElementsOfALaterVersion are skipped, however many there are.
func TestElementsOfALaterVersion(t *testing.T) {
	m := contract.Message{ID: contract.NewID(), Type: &contract.EventType{Name: "E", Version: 1}, Payload: []byte{0x80}}
	for size := envelopeSize; size < envelopeSize+8; size++ {
		b := wire.AppendArrayLen(nil, size)
		b = append(b, appendMessage(nil, &m, progress{})[1:]...)
		for range size - envelopeSize {
			b = wire.AppendInt(b, 7)
		}
		var d contract.Delivery
		if rest, err := readMessage(string(b)+"next", &d, nil); rest != "next" || err != nil {
			t.Errorf("%d elements: what follows is %q, error %v", size, rest, err)
		}
	}
}

// TestNumbersHaveARange reads messages with numbers that nothing of ours writes.
func TestNumbersHaveARange(t *testing.T) {
	for name, m := range map[string]struct {
		contract.Message
		progress
	}{
		"hops":     {Message: contract.Message{Hops: -1}},
		"time":     {Message: contract.Message{Nanos: -1}},
		"version":  {Message: contract.Message{Type: &contract.EventType{Version: -1}}},
		"attempts": {progress: progress{attempts: -2}},
		"declines": {progress: progress{declines: -1}},
		"declined": {progress: progress{declined: -1}},
		"many":     {progress: progress{attempts: 1<<30 + 1}},
	} {
		if m.Type == nil {
			m.Type = &contract.EventType{Name: "E"}
		}
		m.Payload = []byte{0x80}
		var d contract.Delivery
		if _, err := readMessage(string(appendMessage(nil, &m.Message, m.progress)), &d, nil); err == nil {
			t.Errorf("%s: read as %+v", name, d)
		}
	}
}
