package check

import (
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// timerText writes the necro.Timer that a type was meant for.
func timerText(p *model.Param) string {
	if p.Event == nil {
		return "necro.Timer[X]"
	}
	return "necro.Timer[" + p.Event.GoName + "]"
}

// timerResult judges the result at an index, which is a necro.Timer or is made of one.
func (c *checker) timerResult(pkg *model.Package, f *model.Func, at int) {
	r := f.Results[at]
	first := slices.IndexFunc(f.Results, func(other *model.Param) bool { return other.Role == model.RoleTimer && other.Event == r.Event })
	switch {
	case r.Event == nil:
		c.notAnEvent(pkg, diag.New(diag.EmitNotEvent, r.Pos, f.Name, r.Desc).WithHint("%s", eventsAre(r)), r)
	case r.Pointer || r.Slice:
		c.addDiag(diag.New(diag.TimerForm, r.Pos, r.Desc).WithHint("write %s: the zero value leaves the timer alone", timerText(r)))
	case first < at:
		c.addDiag(diag.New(diag.TimerForm, r.Pos, r.Desc).
			WithHint("keep one of the two: a record has one timer for each event").
			WithRelated(f.Results[first].Pos, "the first one"))
	case f.EventAt() == 1:
		c.addDiag(diag.New(diag.TimerNoState, r.Pos, f.Name).
			WithHint("take the state of the organ between the context and the event; an event that only waits is a necro.Out[%s]", r.Event.GoName))
	default:
		c.onlyNewest(r)
	}
}

// checkTimers judges the timers of an organ with state: their events come to the organ itself, under the key of the record.
func (c *checker) checkTimers(o *model.Organ) {
	told := map[*model.Event]bool{}
	for _, h := range o.Methods() {
		for _, e := range h.Timers() {
			if h.State == nil || told[e] || newestOf(e) != e {
				continue
			}
			told[e] = true
			c.timerHandled(o, h, e)
			c.timerKey(o, h, e)
		}
	}
}

// timerHandled reports a timer whose event the organ does not handle with its state.
func (c *checker) timerHandled(o *model.Organ, h *model.Handler, e *model.Event) {
	at := slices.IndexFunc(o.Handlers, func(other *model.Handler) bool { return other.Event == e })
	if at >= 0 && o.Handlers[at].State != nil {
		return
	}
	state := h.State.GoName
	d := diag.New(diag.TimerUnhandled, timerPos(h, e), h.Method, e.Name, o.Name)
	if at >= 0 {
		d = d.WithHint("take the state in %s: func (…) %s(ctx context.Context, s *%s, e *%s) error", o.Handlers[at].Method, o.Handlers[at].Method, state, e.GoName).
			WithRelated(o.Handlers[at].Pos, "it is handled without the state here")
	} else {
		d = d.WithHint("write a handler in %s: func (o *%s) Name(ctx context.Context, s *%s, e *%s) error; an event for other organs is a necro.Out[%s]", o.GoName, o.GoName, state, e.GoName, e.GoName)
	}
	c.addDiag(d)
}

// timerPos is where a handler's source says that it returns a timer of an event.
func timerPos(h *model.Handler, e *model.Event) model.Pos {
	for _, r := range h.Func.Results {
		if r.Role == model.RoleTimer && r.Event == e {
			return r.Pos
		}
	}
	return h.Pos
}

// timerKey reports a timer whose event has a key of a type that none of the organ's records is found by: it stands for something
// else. Keys of events of other modules are not known.
func (c *checker) timerKey(o *model.Organ, h *model.Handler, e *model.Event) {
	if e.Key == nil {
		return
	}
	var names []string
	for _, other := range o.Handlers {
		if other.State == nil || !other.Event.Keyed || o.HasTimer(other.Event) {
			continue
		}
		if other.Event.Key == nil || keyType(other.Event) == keyType(e) {
			return
		}
		names = append(names, other.Event.Key.Name+" of type "+keyType(other.Event)+" in "+other.Event.Name)
	}
	if len(names) > 0 {
		c.addDiag(diag.New(diag.TimerKey, timerPos(h, e), e.Name, e.Key.Name, keyType(e), o.Name, strings.Join(slices.Compact(names), ", ")).
			WithHint("a timer goes to the record that started it: leave the key of %s out, or let it be the key of the record", e.GoName).
			WithRelated(e.Pos, "%s is declared here", e.GoName))
	}
}

// keyType writes the type of an event's key.
func keyType(e *model.Event) string { return e.Key.Type.Desc }

// isTimerOnly reports whether an event comes to an organ from its own timers alone, which have the key of the record, as far as
// the handlers that were loaded tell. It needs no key of its own.
func (c *checker) isTimerOnly(o *model.Organ, e *model.Event) bool {
	if e.Every != nil || !o.HasTimer(e) {
		return false
	}
	return !slices.ContainsFunc(c.allOrgans(), func(other *model.Organ) bool {
		return slices.ContainsFunc(other.Methods(), func(h *model.Handler) bool {
			return slices.ContainsFunc(h.Results, func(r *model.Result) bool { return r.Event == e && r.IsEmission() && !r.Out }) ||
				slices.ContainsFunc(h.Emits, func(m *model.Emit) bool { return m.Event == e && !m.Out })
		})
	})
}
