package redisstream

import (
	"fmt"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestPublishRemovesAFew: whatever callers' ids have left behind, a publish removes a bounded number.
func TestPublishRemovesAFew(t *testing.T) {
	b, err := Open(redistest.Shared(t).URL(), WithNamespace(redistest.Namespace(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	p := b.partitions[0]
	number := func(args ...any) int {
		t.Helper()
		r := p.SendCommand(t.Context(), args)
		n := r.Int()
		if r.Err != nil {
			t.Fatal(args, r.Err)
		}
		return n
	}
	const old = 3000
	id := func(i int) contract.ID { return contract.IDOf(fmt.Sprint(i)) }
	for i := range old {
		member := id(i)
		number("zadd", p.Key("tok:ids"), 1000+i, member[:])
	}
	event := &contract.EventType{Name: "E", Version: 1}
	publish := func(i int) {
		t.Helper()
		if _, err := b.Publish(t.Context(), []contract.Message{{ID: id(i), Type: event, Payload: []byte{0x80}, Once: true}}, contract.PublishOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	publish(old) // a new one
	if n := number("zcard", p.Key("tok:ids")); n != old-8+1 {
		t.Errorf("a publish left %d ids of %d", n, old+1)
	}
	publish(old - 1) // it is remembered for too long, and counts as new
	publish(old - 1) // now it does not
	if n := number("xlen", p.Key("park:E")); n != 2 {
		t.Errorf("%d events are stored, want 2", n)
	}
}

// TestHealthLooksCloser: a look at many organs counts few of what each holds, and the organs that hold
// more are looked at in pages.
func TestHealthLooksCloser(t *testing.T) {
	b, err := Open(redistest.Shared(t).URL(), WithNamespace(redistest.Namespace(t)), WithPack(1))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	event := &contract.EventType{Name: "E", Version: 1}
	var subs []contract.Subscription
	for i := range 100 {
		sub := contract.Subscription{Organ: fmt.Sprint("o", i), Path: "p", Lease: time.Minute, DeadLimit: 9, DeadBytes: 1 << 20}
		if i%20 == 0 {
			sub.Events = []*contract.EventType{event}
		}
		subs = append(subs, sub)
	}
	consumers, err := b.Subscribe(t.Context(), subs)
	if err != nil {
		t.Fatal(err)
	}
	const n = 150
	msgs := make([]contract.Message, n)
	for i := range msgs {
		msgs[i] = contract.Message{ID: contract.NewID(), Type: event, Payload: []byte{0x80}}
	}
	if _, err := b.Publish(t.Context(), msgs, contract.PublishOptions{}); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(consumers); i += 20 {
		for got := 0; got < n; {
			ds, err := consumers[i].Fetch(t.Context(), n-got)
			if err != nil {
				t.Fatal(err)
			}
			got += len(ds)
		}
	}
	h := b.Health(t.Context())
	leased := 0
	for _, o := range h.Organs {
		leased += o.Leased
	}
	if h.Err != nil || leased != 5*n {
		t.Errorf("%d are leased, error %v; want %d", leased, h.Err, 5*n)
	}
}
