package loop

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestReadForSeveralOrgans: what one of them cannot take does not cost the others theirs, until
// their leases run out.
func TestReadForSeveralOrgans(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	b := openProcess(t, redistest.Shared(t))
	event := &contract.EventType{Name: "E", Version: 1}
	var subs []contract.Subscription
	for _, organ := range []string{"a", "b"} {
		subs = append(subs, contract.Subscription{Organ: organ, Path: "p", Lease: time.Minute, DeadLimit: 9, DeadBytes: 1 << 20, Events: []*contract.EventType{event}})
	}
	consumers, err := b.Subscribe(ctx, subs)
	if err != nil {
		t.Fatal(err)
	}
	p := b.Partitions[0]
	entry := message.Append([]byte{0x91}, &contract.Message{ID: contract.NewID(), Type: event, Payload: []byte{0x80}}, message.Progress{})
	for _, organ := range []string{"a", "b"} {
		p.SendCommand(ctx, []any{"xadd", p.Key("q:" + organ), "*", "m", entry})
	}
	p.SendCommand(ctx, []any{"xadd", p.Key("q:a"), "*", "m", "no message"})
	p.SendCommand(ctx, []any{"set", p.Key("dead:a"), "in the way"}) // so it cannot be buried
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
	d := &contract.Delivery{Message: contract.Message{Payload: make([]byte, message.MaxBytes/3)}}
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
	if n, _ := countFitting(slices.Repeat([]contract.Outcome{stack}, 50)); n != message.MaxBytes/message.MaxStackBytes {
		t.Errorf("%d stacks in one call, of which %d bytes are kept each", n, message.MaxStackBytes)
	}
}
