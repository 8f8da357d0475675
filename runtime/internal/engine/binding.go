package engine

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"

	"github.com/necrostack/necrogen/runtime/contract"
)

// boundOrgan is an organ's binding with the seeds of ids that follow from it: to hash names takes
// longer than the rest of EnvelopeFrom. It is immutable once its organ has all routes, because handlers that were abandoned may
// still read a former one.
type boundOrgan struct {
	*contract.Binding
	seed  contract.ID // of delivery ids
	emits [][]emitted // of each handler, by its index: its emissions, and then the events of its timers
}

// emitted is an event that a route may emit, with the seed of its ids.
type emitted struct {
	event *contract.EventType
	seed  contract.ID
}

// newBoundOrgan hashes what a binding says of the routes that the organ has.
func newBoundOrgan(o *Organ, b *contract.Binding) *boundOrgan {
	bound := &boundOrgan{Binding: b, seed: contract.IDOf(b.Identity)}
	for _, r := range o.indexed {
		bound.addSeeds(r)
	}
	return bound
}

// addSeeds adds what the next handler may emit. What a give-up handler emits has other ids than what the handler emits of the
// same delivery, as after a redrive.
func (b *boundOrgan) addSeeds(r *Route) {
	var emits []emitted
	for _, t := range r.Emits {
		of := b.Identity + "\x00" + b.eventIdentity(t.Name)
		if r.gaveUp {
			of += "\x00give-up"
		}
		emits = append(emits, emitted{t, contract.IDOf(of)})
	}
	for _, t := range r.Timers {
		of := b.Identity + "\x00" + b.eventIdentity(t.Name) + "\x00timer"
		if r.gaveUp {
			of += "\x00give-up"
		}
		emits = append(emits, emitted{t, contract.IDOf(of)})
	}
	b.emits = append(b.emits, emits)
}

// eventIdentity returns the name under which an event was known first.
func (b *boundOrgan) eventIdentity(name string) string { return cmp.Or(b.Events[name], name) }

// EventIdentity returns the name under which the backend knew an event of the organ first.
func (o *Organ) EventIdentity(name string) string { return o.binding.Load().eventIdentity(name) }

// bindTo lets the organ run under a binding from now on. Handlers that run meanwhile may read the former one, so a
// binding is replaced and never changed in place.
func (o *Organ) bindTo(b *contract.Binding) { o.binding.Store(newBoundOrgan(o, b)) }

// emissionSeed returns the seed of the ids of an event that a route emits; nil when it may not.
func (b *boundOrgan) emissionSeed(r *Route, t *contract.EventType) *contract.ID {
	return seedOf(b.emits[r.index][:len(r.Emits)], t)
}

// timerSeed returns the seed of the ids of the timers of an event that a route may start; nil when it may not.
func (b *boundOrgan) timerSeed(r *Route, t *contract.EventType) *contract.ID {
	return seedOf(b.emits[r.index][len(r.Emits):], t)
}

// undoSeed returns the seed of the ids of an undo that a route emits when it compensates.
func (b *boundOrgan) undoSeed(r *Route, t *contract.EventType) contract.ID {
	of := b.Identity + "\x00" + b.eventIdentity(t.Name) + "\x00undo"
	if r.gaveUp {
		of += "\x00give-up"
	}
	return contract.IDOf(of)
}

func seedOf(emits []emitted, t *contract.EventType) *contract.ID {
	for i := range emits {
		if emits[i].event == t {
			return &emits[i].seed
		}
	}
	return nil
}

// followBinding takes over the binding that the consumer reports. Only whoever binds the organ or
// fetches for it calls followBinding, so the order does not change within a batch.
func (o *Organ) followBinding() {
	c, ok := o.consumer.(contract.BoundConsumer)
	if !ok {
		return
	}
	b, before := c.Binding(), o.binding.Load()
	if b == nil || b == before.Binding {
		return
	}
	o.bindTo(b)
	if describeOrder(b.Order, b.Exclusive, b.Lanes) == describeOrder(before.Order, before.Exclusive, before.Lanes) {
		return
	}
	level, text := slog.LevelInfo, "organ runs under its own order from now on: no other process wants the former one"
	if o.waitsForOrder() != "" {
		level, text = slog.LevelWarn, "organ runs under the order that it is bound with: "+o.waitsForOrder()
	}
	o.engine.Log.Log(context.Background(), level, text, "organ", o.Name, "bound", describeOrder(b.Order, b.Exclusive, b.Lanes),
		"wanted", o.describeWanted())
}

// orderInEffect is the order in effect.
func (o *Organ) orderInEffect() contract.OrderMode { return o.binding.Load().Order }

// isExclusive reports whether one consumer at a time gets the organ's deliveries.
func (o *Organ) isExclusive() bool { return o.binding.Load().Exclusive }

// waitsForOrder says which order the organ's policy waits for, or nothing when the policy is in effect.
func (o *Organ) waitsForOrder() string {
	b := o.binding.Load()
	wanted, bound := o.describeWanted(), describeOrder(b.Order, b.Exclusive, b.Lanes)
	if bound == wanted {
		return ""
	}
	return wanted + " comes into effect when no process that wants " + bound + " is alive"
}

// describeWanted writes the order of the organ's policy.
func (o *Organ) describeWanted() string {
	return describeOrder(o.Policy.Order, o.Policy.Exclusive, o.Policy.Lanes)
}

// describeOrder writes an order as annotations do. Two orders are the same if their texts are.
func describeOrder(order contract.OrderMode, exclusive bool, lanes int) string {
	text := "no order"
	switch order {
	case contract.OrderKey:
		text = "order=key"
	case contract.OrderStrict:
		text = "order=strict"
	}
	if exclusive {
		text += ", exclusive"
	}
	if lanes > 1 {
		text += fmt.Sprintf(", lanes=%d", lanes)
	}
	return text
}
