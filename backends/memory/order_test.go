package memory_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/runtime/contract"
)

var numbered = &contract.EventType{Name: "NUMBERED", Version: 1}

// organ is one organ of a backend, whose deliveries are known by their numbers.
type organ struct {
	t *testing.T
	b *memory.Backend
	contract.Consumer
}

func newOrgan(t *testing.T, b *memory.Backend, order contract.OrderMode) *organ {
	t.Helper()
	cs, err := b.Subscribe(t.Context(), []contract.Subscription{{
		Organ: "organ", Path: "example.com/organ", Events: []*contract.EventType{numbered}, Lease: time.Hour, Order: order,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return &organ{t, b, cs[0]}
}

// publish stores an event for each key, numbered from 1.
func (o *organ) publish(keys ...string) {
	o.t.Helper()
	msgs := make([]contract.Message, len(keys))
	for i, key := range keys {
		msgs[i] = contract.Message{ID: contract.NewID(), Type: numbered, Key: key, Hops: int32(i + 1)}
	}
	if _, err := o.b.Publish(o.t.Context(), msgs, contract.PublishOptions{}); err != nil {
		o.t.Fatal(err)
	}
}

// takes fetches as many deliveries as there are numbers, and wants them in that order.
func (o *organ) takes(want ...int32) []contract.Delivery {
	o.t.Helper()
	var ds []contract.Delivery
	for len(ds) < len(want) {
		got, err := o.Fetch(o.t.Context(), len(want)-len(ds))
		if err != nil {
			o.t.Fatal(err)
		}
		ds = append(ds, got...)
	}
	for i := range ds {
		if ds[i].Hops != want[i] {
			o.t.Fatalf("delivery %d of %v is number %d", i+1, want, ds[i].Hops)
		}
	}
	return ds
}

// settle settles deliveries alike.
func (o *organ) settle(kind contract.OutcomeKind, delay time.Duration, ds ...contract.Delivery) {
	o.t.Helper()
	outcomes := make([]contract.Outcome, len(ds))
	for i := range ds {
		outcomes[i] = contract.Outcome{Delivery: &ds[i], Kind: kind, Delay: delay, Death: &contract.Death{}}
	}
	results, err := o.Settle(o.t.Context(), outcomes)
	if err != nil || slices.Contains(results, contract.ResultLost) {
		o.t.Fatalf("settle: results %v, error %v", results, err)
	}
}

// TestOrderInFrontOfAFailure has the second of a line fail while another consumer holds the first.
// The first is not behind the second: it comes at once when it is handed back, though the second
// waits for an hour. When it fails as well, the rest waits for both.
func TestOrderInFrontOfAFailure(t *testing.T) {
	for name, order := range map[string]contract.OrderMode{"Strict": contract.OrderStrict, "Key": contract.OrderKey} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := memory.New()
				defer b.Close()
				o, other := newOrgan(t, b, order), newOrgan(t, b, order)
				o.publish("x", "x", "x", "x")
				first := o.takes(1)
				other.settle(contract.OutcomeRetry, time.Hour, other.takes(2)...)
				if err := o.Release(t.Context(), []*contract.Delivery{&first[0]}); err != nil {
					t.Fatal(err)
				}
				since := time.Now()
				other.settle(contract.OutcomeRetry, 2*time.Hour, other.takes(1)...)
				if waited := time.Since(since); waited > 0 {
					t.Errorf("the first came after %v, want at once", waited)
				}
				other.settle(contract.OutcomeAck, 0, other.takes(1)...)
				if waited := time.Since(since); waited != 2*time.Hour {
					t.Errorf("the first came again after %v, want 2h", waited)
				}
				other.settle(contract.OutcomeAck, 0, other.takes(2)...)
				other.settle(contract.OutcomeAck, 0, other.takes(3, 4)...)
			})
		})
	}
}

// TestKeyIsHeldAndLetGo has many deliveries of few keys, each of which fails twice. Those of a key
// are acknowledged in stored order, and others overtake them.
func TestKeyIsHeldAndLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const events, keys = 500, 7
		b := memory.New()
		defer b.Close()
		o := newOrgan(t, b, contract.OrderKey)
		var names []string
		for i := range events {
			names = append(names, fmt.Sprint(i%keys))
		}
		o.publish(names...)
		last := map[string]int32{}
		for acknowledged := 0; acknowledged < events; {
			ds, err := o.Fetch(t.Context(), 16)
			if err != nil {
				t.Fatal(err)
			}
			failed := map[string]bool{}
			for _, d := range slices.Clone(ds) {
				switch {
				case failed[d.Key]:
					if err := o.Release(t.Context(), []*contract.Delivery{&d}); err != nil {
						t.Fatal(err)
					}
				case d.Attempts < 2:
					failed[d.Key] = true
					o.settle(contract.OutcomeRetry, time.Second, d)
				default:
					if d.Hops <= last[d.Key] {
						t.Fatalf("key %s: %d was acknowledged behind %d", d.Key, d.Hops, last[d.Key])
					}
					last[d.Key] = d.Hops
					o.settle(contract.OutcomeAck, 0, d)
					acknowledged++
				}
			}
			h := b.Health(t.Context()).Organs[0]
			if n := h.Ready + h.Leased + h.Scheduled; n != events-acknowledged {
				t.Fatalf("%d ready + %d leased + %d scheduled, want %d", h.Ready, h.Leased, h.Scheduled, events-acknowledged)
			}
		}
	})
}
