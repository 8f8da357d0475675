// Package errorful is the smallest engine that keeps the contract of a backend: one mutex, slices and maps. It shows
// what a new engine has to have, and what the suite in backendtest asks of it. It lacks order, exclusiveness and the
// methods of operators. Its calls fail now and then, before or after their effect, as calls over a network do.
//
// An organ has one list of entries in stored order. An entry stays in its place until it is acknowledged or given up,
// and is in one of three states: waiting (due is in the future), ready, or leased (holder is a consumer). A lease that
// ran out ends when a call looks at the list, so the engine has no timers and no goroutines: a Fetch that finds nothing
// sleeps until something changes, or until the next entry is due.
package errorful

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// maxParked is how many events of one name wait for a first subscriber.
const maxParked = 10_000

// Backend is the engine. A call holds mu while it reads or changes anything, and so is one atomic step.
type Backend struct {
	every int // each call of a consumer whose number it divides fails; 0 lets all pass

	mu      sync.Mutex    // guards the fields below, and those of organs, entries and consumers
	changed chan struct{} // closed and replaced when an entry may have become ready
	calls   int           // calls of consumers so far
	leases  uint64        // leases that were given so far; the number of a lease is its Tag
	organs  []*organ
	parked  []contract.Message // in stored order
	parks   map[string]*contract.ParkHealth
	once    map[contract.ID]time.Time // ids that callers chose, and until when they are remembered. A real engine deletes them then
	closed  bool

	schedules map[string]contract.ScheduleRecord // by name
}

// New returns an empty backend. Each every-th call of its consumers fails; with 0 none does.
func New(every int) *Backend {
	return &Backend{
		every: every, changed: make(chan struct{}),
		parks: map[string]*contract.ParkHealth{}, once: map[contract.ID]time.Time{}, schedules: map[string]contract.ScheduleRecord{},
	}
}

// organ is a durable subscription.
type organ struct {
	sub       contract.Subscription // as it was bound last
	binding   *contract.Binding
	names     map[string]bool // under which it was bound, and its aliases
	events    map[string]bool // the names of events that it is bound to
	entries   []*entry        // in stored order
	consumers int
	dead      int
	deadBytes int64
	paused    string // why no entry is handed out; empty while they are
}

// entry is one event that is stored for one organ.
type entry struct {
	contract.Delivery           // as the next Fetch hands it out
	stored            time.Time // when it was stored
	due               time.Time // the entry waits until then
	holder            *consumer // nil without a lease
	since, until      time.Time // of the lease
	started           bool      // the holder has marked a suspect as started
	givingUp          bool      // the holder has marked it as given up
}

// Publish stores messages for the organs that are bound to them, and parks those without one.
func (b *Backend) Publish(ctx context.Context, msgs []contract.Message, _ contract.PublishOptions) (duplicates contract.Duplicates, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, contract.ErrClosed
	}
	for i := range msgs {
		if err := msgs[i].Check(); err != nil {
			return nil, err
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	for i, m := range msgs {
		if m.Once && time.Now().Before(b.once[m.ID]) {
			duplicates = duplicates.With(i, len(msgs), m.ID)
			continue
		}
		if m.Once {
			b.once[m.ID] = time.Now().Add(m.Memory())
		}
		b.storeMessage(m)
	}
	return duplicates, nil
}

// storeMessage keeps a message for every organ that is bound to it. The payload's memory is the caller's.
func (b *Backend) storeMessage(m contract.Message) {
	m.Payload = slices.Clone(m.Payload)
	bound := false
	for _, o := range b.organs {
		if o.events[m.Type.Name] {
			o.entries = append(o.entries, newEntry(m))
			bound = true
		}
	}
	if !bound && !m.Type.Output {
		b.parkMessage(m)
	}
	b.wakeFetches()
}

func newEntry(m contract.Message) *entry {
	return &entry{Delivery: contract.Delivery{Message: m}, stored: time.Now()}
}

// parkMessage keeps a message until an organ is bound to its name, and drops the oldest one of the name when there are too many.
func (b *Backend) parkMessage(m contract.Message) {
	p := b.parks[m.Type.Name]
	if p == nil {
		p = &contract.ParkHealth{Event: m.Type.Name}
		b.parks[p.Event] = p
	}
	if p.Parked == maxParked {
		oldest := slices.IndexFunc(b.parked, func(old contract.Message) bool { return old.Type.Name == p.Event })
		b.parked = slices.Delete(b.parked, oldest, oldest+1)
		p.Parked, p.Dropped = p.Parked-1, p.Dropped+1
	}
	b.parked = append(b.parked, m)
	p.Parked++
}

// wakeFetches lets every Fetch that sleeps look again.
func (b *Backend) wakeFetches() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// Subscribe binds organs, hands over the events that are parked for them, and returns a consumer for each.
func (b *Backend) Subscribe(_ context.Context, subs []contract.Subscription) ([]contract.Consumer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, contract.ErrClosed
	}
	for i := range subs {
		if err := checkSubscription(&subs[i]); err != nil {
			return nil, contract.Permanent(err)
		}
	}
	consumers := make([]contract.Consumer, len(subs))
	for i, sub := range subs {
		o := b.bindOrgan(sub)
		o.consumers++
		consumers[i] = &consumer{b: b, organ: o, lease: sub.Lease}
	}
	b.handOverParked()
	return consumers, nil
}

// checkSubscription refuses what no engine takes, and what this one lacks.
func checkSubscription(sub *contract.Subscription) error {
	if sub.Order != contract.OrderFirstAttempts || sub.Exclusive {
		return fmt.Errorf("organ %s: this backend keeps no order and no exclusiveness: take them out of the organ's directive", sub.Organ)
	}
	return sub.Check()
}

// bindOrgan returns the organ of a subscription, known by its name or by an alias.
func (b *Backend) bindOrgan(sub contract.Subscription) *organ {
	names := append([]string{sub.Organ}, sub.Aliases...)
	at := slices.IndexFunc(b.organs, func(o *organ) bool {
		return slices.ContainsFunc(names, func(name string) bool { return o.names[name] })
	})
	if at < 0 {
		at = len(b.organs)
		b.organs = append(b.organs, &organ{names: map[string]bool{}, events: map[string]bool{}, binding: &contract.Binding{Identity: sub.Organ}})
	}
	o := b.organs[at]
	o.sub = sub
	for _, t := range sub.Events {
		if n := len(t.Aliases); n > 0 && o.binding.Events[t.Name] == "" { // known first by its oldest name
			events := maps.Clone(o.binding.Events)
			if events == nil {
				events = map[string]string{}
			}
			events[t.Name] = t.Aliases[n-1]
			o.binding = &contract.Binding{Identity: o.binding.Identity, Events: events}
		}
	}
	for _, name := range names {
		o.names[name] = true
	}
	for _, t := range sub.Events {
		for _, name := range append([]string{t.Name}, t.Aliases...) {
			o.events[name] = true
		}
	}
	return o
}

// handOverParked moves parked messages in front of everything that is stored for the organs that now ask for them.
func (b *Backend) handOverParked() {
	inFront := map[*organ][]*entry{}
	b.parked = slices.DeleteFunc(b.parked, func(m contract.Message) (taken bool) {
		for _, o := range b.organs {
			if o.events[m.Type.Name] {
				inFront[o] = append(inFront[o], newEntry(m))
				taken = true
			}
		}
		if taken {
			b.parks[m.Type.Name].Parked--
		}
		return taken
	})
	for o, entries := range inFront {
		o.entries = append(entries, o.entries...)
	}
	b.wakeFetches()
}

// Health counts the entries of each organ by their state.
func (b *Backend) Health(context.Context) (h contract.Health) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return contract.Health{Err: contract.ErrClosed}
	}
	now := time.Now()
	for _, o := range b.organs {
		o.expireLeases(now)
		oh := contract.OrganHealth{
			Organ: o.sub.Organ, Identity: o.binding.Identity, Consumers: o.consumers,
			Dead: o.dead, DeadBytes: o.deadBytes, Paused: o.paused,
		}
		for _, e := range o.entries {
			switch {
			case e.holder != nil:
				oh.Leased++
				oh.OldestLeased = max(oh.OldestLeased, now.Sub(e.since))
			case e.due.After(now):
				oh.Scheduled++
			default:
				oh.Ready++
				oh.Oldest = max(oh.Oldest, now.Sub(e.stored))
			}
		}
		h.Organs = append(h.Organs, oh)
	}
	for _, p := range b.parks {
		h.Parked = append(h.Parked, *p)
	}
	return h
}

// Close ends all calls that wait. A second Close does nothing.
func (b *Backend) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.wakeFetches()
	return nil
}
