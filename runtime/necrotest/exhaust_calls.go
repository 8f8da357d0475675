package necrotest

import (
	"fmt"
	"slices"
	"strings"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// countCall counts a call, and returns the fault that strikes it.
func (r *run) countCall(who string, o op, mortal bool, what func() string) fault {
	r.mu.Lock()
	defer r.mu.Unlock()
	kind := call{who: who, op: o}
	r.counts[kind]++
	c := call{who, o, r.counts[kind]}
	r.calls[o]++
	if r.strike == (strike{}) && r.twice == nil {
		r.strikes = append(r.strikes, strikesOnCall(c, mortal)...)
	}
	hit := c == r.strike.call
	if r.tracing {
		line := c.String()
		if hit {
			line += "   <- " + string(r.strike.fault)
		}
		if more := what(); more != "" {
			line += "\n   " + more
		}
		r.log = append(r.log, line)
	}
	if !hit {
		return ""
	}
	r.struck = true
	return r.strike.fault
}

// faultMattered reports whether the fault made a difference to its call: a lease that is lost makes
// a settle count for nothing.
func (r *run) faultMattered() bool {
	return r.struck && (r.strike.fault != leaseLost || r.record.late > 0)
}

// nameMessages gives every published event without an id one that is the same in every run, and gives all of
// them the same time. A call that is repeated by the backend stores its events once, so that every id counts as
// the caller's.
func (r *run) nameMessages(msgs []necro.Message, who string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range msgs {
		m := &msgs[i]
		m.Nanos = r.nanos
		if m.Once {
			continue
		}
		content := fmt.Sprintf("%s %s %x", who, m.Type.Name, m.Payload)
		r.names[content]++
		id := necro.IDOf(fmt.Sprintf("%s %d", content, r.names[content]))
		if m.Correlation == m.ID {
			m.Correlation = id
		}
		m.ID, m.Once = id, true
	}
}

// dateOutcomes returns the outcomes with the same time for all that is emitted. They are copies: the
// spine may still read its own.
func (r *run) dateOutcomes(outcomes []contract.Outcome) []contract.Outcome {
	outcomes = slices.Clone(outcomes)
	for i := range outcomes {
		outcomes[i].Emit = slices.Clone(outcomes[i].Emit)
		for j := range outcomes[i].Emit {
			outcomes[i].Emit[j].Nanos = r.nanos
		}
	}
	return outcomes
}

// traceFetched traces the deliveries that a Fetch returned.
func (r *run) traceFetched(ds []contract.Delivery) {
	if !r.tracing {
		return
	}
	for i := range ds {
		d := &ds[i]
		line := "   " + r.record.findEvent(d.ID).tellShort()
		if d.Attempts > 0 {
			line += fmt.Sprintf(", attempt %d", d.Attempts+1)
		}
		if d.Suspect {
			line += ", was in flight when its program crashed or its lease ran out"
		}
		r.mu.Lock()
		r.log = append(r.log, line)
		r.mu.Unlock()
	}
}

// tellMessages describes published events.
func tellMessages(msgs []necro.Message) string {
	var events []*storedEvent
	for i := range msgs {
		events = append(events, newStoredEvent(&msgs[i], nil, ""))
	}
	return shortenText(tellEvents(events))
}

// tellOutcomes describes settled outcomes, a line for each.
func tellOutcomes(outcomes []contract.Outcome) string {
	var lines []string
	for i := range outcomes {
		o := &outcomes[i]
		switch e := endOf(o); {
		case o.Kind == contract.OutcomeAck:
			lines = append(lines, fmt.Sprintf("handled %s, emitted %s", o.Delivery.Type.Name, tellMessages(o.Emit)))
		case e != (end{}):
			lines = append(lines, fmt.Sprintf("%s is %s", o.Delivery.Type.Name, e))
		default:
			lines = append(lines, fmt.Sprintf("%s comes again after %s", o.Delivery.Type.Name, o.Delay))
		}
	}
	return strings.Join(lines, "\n   ")
}
