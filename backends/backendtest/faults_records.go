package backendtest

import (
	"context"
	"fmt"
	"sync"

	"github.com/necrostack/necrogen/runtime/contract"
)

// A step is one organ's work on one event. Events are known by their path from the one
// that was published, "7/c1/d", which handlers write into their text: neither the ids nor the counters of the tested
// backend have a part in the count.
type step struct{ organ, path string }

// branch is an event that an organ emits: the type's letter and the path's end.
type branch struct {
	typ byte
	end string
}

// emits is the topology: what each organ emits for an event of a type.
var emits = map[string][]branch{
	"split": {{'B', "b"}, {'C', "c0"}, {'C', "c1"}},
	"left":  {{'D', "d"}, {'D', "e"}},
	"right": {{'D', "d"}},
}

// listeners are the organs that handle a type.
var listeners = map[byte][]string{
	'A': {"split", "audit"},
	'B': {"left"},
	'C': {"right"},
	'D': {"join", "audit"},
}

// records are the notes of a trial while it runs; no note is changed afterwards.
//
// Invariant: a step is in settled at most once for each outcome that the backend said to have counted, so a
// forked chain shows as a count above one, and a lost event as none.
type records struct {
	mu        sync.Mutex // guards all of it, and held of every recorder
	published []string
	handled   int          // calls of handlers that succeeded
	settled   map[step]int // final outcomes that counted
	givenUp   map[step]bool
	uncertain map[step]bool // the settle failed, and may have counted
	emitted   int           // events stored by settles that counted
	refused   int           // outcomes that came too late
	orphans   map[step]bool // what processes held when they died
	recovered int           // orphans that came back
}

func newRecords() *records {
	return &records{
		settled: map[step]int{}, givenUp: map[step]bool{}, uncertain: map[step]bool{}, orphans: map[step]bool{},
	}
}

// report is what the records say.
type report struct {
	published, handled, emitted, givenUp, refused, recovered int
	lost, forked, unexpected, leftOver                       int
}

// reportChains follows every chain from its first event: each step is to be settled once.
func (r *records) reportChains(leftOver int) report {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := report{
		published: len(r.published), handled: r.handled, emitted: r.emitted,
		givenUp: len(r.givenUp), refused: r.refused, recovered: r.recovered, leftOver: leftOver,
	}
	expected := map[step]bool{}
	for _, path := range r.published {
		r.expectNext(expected, 'A', path)
	}
	for s := range expected {
		if r.settled[s] == 0 && !r.uncertain[s] {
			out.lost++
		}
	}
	for s, n := range r.settled {
		if n > 1 {
			out.forked++
		}
		if !expected[s] {
			out.unexpected++
		}
	}
	return out
}

// expectNext adds the steps that follow from an event.
func (r *records) expectNext(steps map[step]bool, typ byte, path string) {
	for _, organ := range listeners[typ] {
		s := step{organ, path}
		steps[s] = true
		if r.givenUp[s] {
			continue
		}
		for _, b := range emits[organ] {
			r.expectNext(steps, b.typ, path+"/"+b.end)
		}
	}
}

func (r *records) underLock(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

// noteOutcome writes down one outcome and whether it counted.
func (r *records) noteOutcome(s step, o *contract.Outcome, applied bool, err error) {
	final := o.Kind == contract.OutcomeAck || o.Kind == contract.OutcomeDead
	switch {
	case err != nil:
		r.uncertain[s] = r.uncertain[s] || final
	case !applied:
		r.refused++
	case final:
		r.settled[s]++
		r.emitted += len(o.Emit)
		if o.Kind == contract.OutcomeDead {
			r.givenUp[s] = true
		}
	}
}

// pathOf returns the path of an event, typed or encoded.
func pathOf(m *contract.Message) string {
	if e, ok := m.Event.(interface{ text() string }); ok {
		return e.text()
	}
	var a eventA // all items are encoded alike
	if _, err := a.ReadMsgpack(m.Payload); err != nil {
		return fmt.Sprintf("undecodable %x", m.Payload)
	}
	return a.Text
}

func (i *item[K]) text() string { return i.Text }

// recorder writes down what one process fetches and settles, right below the faults: the
// backend there is sound.
type recorder struct {
	records *records
	held    map[step]bool // guarded by records.mu
}

// holds reports whether the process has a delivery in its hands.
func (r *recorder) holds() (is bool) {
	r.records.underLock(func() { is = len(r.held) > 0 })
	return is
}

// markDead is told before the process is killed.
func (r *recorder) markDead() {
	r.records.underLock(func() {
		for s := range r.held {
			r.records.orphans[s] = true
		}
		clear(r.held)
	})
}

// recordOver returns the backend with the recorder above it.
func (r *recorder) recordOver(b contract.Backend) contract.Backend {
	return &wrapped{b, func(c contract.Consumer, organ string) contract.Consumer { return &recordedConsumer{c, r, organ} }}
}

type recordedConsumer struct {
	contract.Consumer
	r     *recorder
	organ string
}

func (c *recordedConsumer) step(d *contract.Delivery) step { return step{c.organ, pathOf(&d.Message)} }

func (c *recordedConsumer) Fetch(ctx context.Context, limit int) ([]contract.Delivery, error) {
	ds, err := c.Consumer.Fetch(ctx, limit)
	c.r.records.underLock(func() {
		for i := range ds {
			s := c.step(&ds[i])
			c.r.held[s] = true
			if ds[i].Suspect && c.r.records.orphans[s] {
				delete(c.r.records.orphans, s)
				c.r.records.recovered++
			}
		}
	})
	return ds, err
}

// Settle notes the paths first, because a settled delivery may be used again by another Fetch.
func (c *recordedConsumer) Settle(ctx context.Context, outcomes []contract.Outcome) (contract.Results, error) {
	steps := make([]step, len(outcomes))
	for i := range outcomes {
		steps[i] = c.step(outcomes[i].Delivery)
	}
	results, err := c.Consumer.Settle(ctx, outcomes)
	c.r.records.underLock(func() {
		for i, s := range steps {
			c.r.records.noteOutcome(s, &outcomes[i], results.IsApplied(i), err)
			if err == nil {
				delete(c.r.held, s)
			}
		}
	})
	return results, err
}

func (c *recordedConsumer) Release(ctx context.Context, ds []*contract.Delivery) error {
	steps := make([]step, len(ds))
	for i := range ds {
		steps[i] = c.step(ds[i])
	}
	err := c.Consumer.Release(ctx, ds)
	c.r.records.underLock(func() {
		for _, s := range steps {
			delete(c.r.held, s)
		}
	})
	return err
}
