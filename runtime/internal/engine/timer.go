package engine

import (
	"errors"
	"fmt"
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
)

// A record of an organ with state has timers, at most one for each event. A timer is a delayed event that goes to its own
// organ alone, because its type has a name that only this organ is bound to: EVENT@ORGAN. Backends know nothing of timers:
//
//   - A timer's generation is the id of its delayed event: a hash like that of every emission, with the number of timers in it
//     that the record has started before. So a delivery that runs once more, redriven or under an id that was given again,
//     starts another timer. The step that stores the delayed event also stores the generation in the record.
//   - A delivery of a timer is compared with the record before its handler runs. It is acknowledged unseen where the record
//     names another generation, or none: the timer was stopped, replaced, or ended with its record.
//   - A generation that has left the record never comes back, because the step that stored it was applied once. So what is
//     stored of a stopped timer does no harm, and is not looked for.
//   - The handler's own step takes the timer that has fired out of the record. A delivery that is given up leaves it there,
//     so that the dead letter can be redriven until the timer is stopped or replaced.

// recordTimer is a timer that runs.
type recordTimer struct {
	event      string      // the identity of its event
	generation contract.ID // the id of its delayed event
}

// addTimers makes the timers of a handler known to the organ: the types of their deliveries, under all names that the event
// and the organ have or had. A timer that was started under a former name is found by it.
func (o *Organ) addTimers(types []*contract.EventType) {
	for _, t := range types {
		if o.timers[t] != nil {
			continue
		}
		if o.timers == nil {
			o.timers, o.timerNames = map[*contract.EventType]*contract.EventType{}, map[string]string{}
		}
		own := *t
		own.Previous, own.Key, own.Every, own.Output = nil, nil, nil, false
		names := o.namesOfTimer(t)
		own.Name, own.Aliases = names[0], names[1:]
		o.timers[t] = &own
		for version := t; version != nil; version = version.Previous {
			for _, name := range o.namesOfTimer(version) {
				o.readers[nameVersion{name, version.Version}] = version
			}
		}
	}
}

// namesOfTimer returns the names of a timer's deliveries. The first one is that of a timer that starts now.
func (o *Organ) namesOfTimer(t *contract.EventType) (names []string) {
	for _, organ := range append([]string{o.Name}, o.Spec.Aliases...) {
		for _, event := range append([]string{t.Name}, t.Aliases...) {
			name := event + "@" + organ
			names = append(names, name)
			o.timerNames[name] = event
		}
	}
	return names
}

// TimerTypes returns the types of the organ's timers, which the backend is asked to bind beside its events.
func (o *Organ) TimerTypes() (types []*contract.EventType) {
	for _, r := range o.indexed {
		for _, t := range r.Timers {
			if own := o.timers[t]; !slices.Contains(types, own) {
				types = append(types, own)
			}
		}
	}
	return types
}

// CheckTimers refuses a timer whose event the organ does not handle with its state. All routes are added by now.
func (o *Organ) CheckTimers() error {
	for _, r := range o.indexed {
		for _, t := range r.Timers {
			switch handler := o.byType[t]; {
			case !r.State:
				return fmt.Errorf("handler %s starts or stops a timer of %s, and takes no state: was its code generated?", r.Method, t.Name)
			case handler == nil || !handler.State:
				return fmt.Errorf("handler %s starts or stops a timer of %s, which the organ does not handle with its state: was its code generated?", r.Method, t.Name)
			case !o.engine.KeepsDelays:
				return fmt.Errorf("handler %s starts timers: %w", r.Method, ErrNoDelays)
			}
		}
	}
	return nil
}

// isTimer reports whether deliveries of a type come from timers of the organ.
func (o *Organ) isTimer(t *contract.EventType) bool {
	_, timer := o.timerNames[t.Name]
	return timer
}

// eventName returns the name of a delivery's event, without the organ that a timer's has in it.
func (o *Organ) eventName(t *contract.EventType) string {
	if event, timer := o.timerNames[t.Name]; timer {
		return event
	}
	return t.Name
}

// namesGeneration reports whether the delivery of a timer is the one that the record names. A record that cannot be read
// names every one: the handler fails then, and says why.
func (w *worker) namesGeneration(r *Route, d *contract.Delivery) bool {
	parts, _, err := splitRecord(w.record.Value)
	fired := recordTimer{w.organ.EventIdentity(r.Event.Name), d.ID}
	return err != nil || slices.Contains(parts.timers, fired)
}

// prepareTimer lets the delivery of a timer run whose generation the record names, and has another one acknowledged unseen.
// Before that it looks at the stored record, behind all outcomes of the batch: the one at hand may be older than the
// delivery where another process has run the organ, or come from a step that conflicts. done and next are as of prepareState.
func (w *worker) prepareTimer(i int, r *Route) (next step, done bool) {
	d := &w.batch.Deliveries()[i]
	if w.namesGeneration(r, d) {
		return goOn, false
	}
	w.settleNow(i)
	w.organ.states.forgetRecord(d.Key)
	record, state := w.openRecord(i)
	if w.record = record; state != ready || w.namesGeneration(r, d) {
		return w.prepareState(i, r)
	}
	return w.noteResult(i, contract.Outcome{Delivery: d}, result{route: r, unseen: true}), true
}

// leaveTimers brings the timers of the record to what they are behind a call of a handler, and notes the ids of those that it
// starts.
func (w *worker) leaveTimers(r *Route, d *contract.Delivery, bound *boundOrgan, parts *recordParts) error {
	remove := func(event string) {
		parts.timers = slices.DeleteFunc(parts.timers, func(t recordTimer) bool { return t.event == event })
	}
	if w.last.timer && !r.gaveUp {
		remove(bound.eventIdentity(r.Event.Name))
	}
	for i := range w.out.Timers {
		c := &w.out.Timers[i]
		seed := bound.timerSeed(r, c.Type)
		if seed == nil {
			return notAmongTimers(r, c)
		}
		event := bound.eventIdentity(c.Type.Name)
		remove(event)
		var id contract.ID
		if c.Event != nil {
			id = contract.DeriveID(d.ID, *seed, parts.started)
			parts.started++
			parts.timers = append(parts.timers, recordTimer{event, id})
		}
		w.step.timers = append(w.step.timers, id)
	}
	return nil
}

// notAmongTimers is the failure of a handler that does something with a timer of an event that its route does not name.
func notAmongTimers(r *Route, c *contract.TimerChange) error {
	if c.Type == nil {
		return fmt.Errorf("%s starts or stops a timer of something that is no event: generate its code again", r.Method)
	}
	return fmt.Errorf("%s is not among the events that %s may start timers of: generate its code again", c.Type.Name, r.Method)
}

// errEndsWithTimers is the failure of a handler that ends the record and starts a timer of it.
var errEndsWithTimers = errors.New("the handler ends the record and starts a timer, which belongs to the record: do one of them")

// startsTimers reports whether a handler has started a timer.
func startsTimers(out *contract.Emissions) bool {
	return slices.ContainsFunc(out.Timers, func(c contract.TimerChange) bool { return c.Event != nil })
}

// fillTimer puts the event of a timer into its envelope, under the id that the record names.
func (o *Organ) fillTimer(m *contract.Message, r *Route, d *contract.Delivery, c *contract.TimerChange, id contract.ID) error {
	if err := r.fillEnvelope(m, d, c.Event, c.Type, id); err != nil {
		return err
	}
	if m.Key != "" && m.Key != d.Key {
		return fmt.Errorf("the timer of %s has the key %q, and its record %q: set its key field to that, or leave it empty", c.Type.Name, m.Key, d.Key)
	}
	m.Type, m.Key = o.timers[c.Type], d.Key
	return o.engine.applyEnvelope(m, &contract.Envelope{After: c.After})
}
