package graph

import (
	"maps"
	"slices"
)

// Saga is an organ whose state says so. What is proven of it follows from signatures: a result counts as emitted, also
// where it is nil in a call.
type Saga struct {
	*Organ
	// Known reports whether all handlers of an event are loaded. A way that leads to another event counts as an answer.
	known func(*Event) bool
}

// Sagas returns the sagas of the topology.
func (g *Graph) Sagas(known func(*Event) bool) (sagas []*Saga) {
	for _, o := range g.Organs {
		if s := o.State(); s != nil && s.Saga {
			sagas = append(sagas, &Saga{o, known})
		}
	}
	return sagas
}

// Lack is what a proof does not find.
type Lack int

// The lacks, in the order in which they are told.
const (
	NoAnswer Lack = iota // an organ handles the command, and tells the saga nothing
	NoGiveUp             // an organ that gives the command up tells the saga nothing
	NoTimer              // the handler that emits the command starts no timer
	NoEnd                // no handler is reached that ends the saga
)

// Gap is a place where a proof breaks.
type Gap struct {
	Lack    Lack
	Handler *Handler // of the saga, with which the way begins
	Command *Event   // that it emits; nil for NoEnd
	At      *Handler // of another organ, with which the way ends; nil for NoTimer and NoEnd
	Way     []Step   // from Handler to At; for NoEnd all that descends from Handler
}

// Answer is how the saga hears back of a command from one organ.
type Answer struct {
	Handler *Handler // that takes the command
	Event   *Event   // that the saga handles in the end; nil where there is none that is known
	GaveUp  *Event   // that the saga handles when the command is given up; nil likewise
}

// Handles reports whether the saga handles an event for its own sake.
func (s *Saga) Handles(e *Event) bool {
	return slices.ContainsFunc(e.Handlers, func(h *Handler) bool { return h.Organ == s.Organ && h.HandlesOnPurpose() })
}

// Commands returns what a handler of the saga emits for other organs to answer. Events for the outside expect no answer, and
// what takes back is done with when it is emitted.
func (s *Saga) Commands(h *Handler) (commands []*Event) {
	for _, x := range h.Emits {
		if !x.Timer && !x.Undo && !x.Event.Output && !slices.Contains(commands, x.Event) && len(s.takers(x.Event)) > 0 {
			commands = append(commands, x.Event)
		}
	}
	return commands
}

// takers returns the handlers of other organs that take an event.
func (s *Saga) takers(e *Event) (takers []*Handler) {
	for _, h := range e.Handlers {
		if h.Organ != s.Organ && h.HandlesOnPurpose() {
			takers = append(takers, h)
		}
	}
	return takers
}

// reached returns the handlers of other organs that take an emission of a handler. The event of a timer goes to the handler's own
// organ alone.
func (s *Saga) reached(h *Handler, x Emission) []*Handler {
	return slices.DeleteFunc(s.takers(x.Event), func(next *Handler) bool { return x.Timer && next.Organ != h.Organ })
}

// Answers returns how the saga hears back of a command.
func (s *Saga) Answers(command *Event) (answers []Answer) {
	for _, h := range s.takers(command) {
		a := Answer{Handler: h, Event: s.heardFrom(h, map[*Handler]bool{})}
		if g := giveUpOf(h); g != nil {
			a.GaveUp = s.heardFrom(g, map[*Handler]bool{})
		}
		answers = append(answers, a)
	}
	return answers
}

// heardFrom returns the first event that descends from a handler and that the saga handles, or nil.
func (s *Saga) heardFrom(h *Handler, seen map[*Handler]bool) *Event {
	for _, x := range h.Emits {
		if !x.Timer && s.Handles(x.Event) {
			return x.Event
		}
	}
	for _, x := range h.Emits {
		for _, next := range s.reached(h, x) {
			if seen[next] {
				continue
			}
			seen[next] = true
			if e := s.heardFrom(next, seen); e != nil {
				return e
			}
		}
	}
	return nil
}

func giveUpOf(h *Handler) *Handler {
	i := slices.IndexFunc(h.Organ.Handlers, func(g *Handler) bool { return g.GiveUp && g.Event == h.Event })
	if i < 0 {
		return nil
	}
	return h.Organ.Handlers[i]
}

// Gaps returns where the proofs of the saga break.
func (s *Saga) Gaps() (gaps []Gap) {
	for _, h := range s.Handlers {
		for _, command := range s.Commands(h) {
			w := walk{saga: s, seen: map[arrival]bool{{command, nil}: true}, proven: map[arrival]bool{}}
			if gap := w.followTakers(s.takers(command), []Step{{h, command}}); gap != nil {
				gap.Handler, gap.Command = h, command
				gaps = append(gaps, *gap)
			}
			if len(h.Timers()) == 0 {
				gaps = append(gaps, Gap{Lack: NoTimer, Handler: h, Command: command})
			}
		}
		if !h.GiveUp {
			if way, ends := s.findEnd(h); !ends {
				gaps = append(gaps, Gap{Lack: NoEnd, Handler: h, Way: way})
			}
		}
	}
	return gaps
}

// walk looks for the answers to one command.
type walk struct {
	saga   *Saga
	seen   map[arrival]bool // true on the way; false for one that led nowhere, until another is proven
	proven map[arrival]bool // lead back, whichever way reaches them
}

// arrival is an event, with the organ that alone gets it where it is that of a timer.
type arrival struct {
	event *Event
	organ *Organ
}

// followTakers returns where the saga does not hear back of an event, or nil. Each organ that handles it has to tell, when it has
// handled it and when it has given it up.
func (w *walk) followTakers(takers []*Handler, way []Step) *Gap {
	for _, h := range takers {
		if gap := w.followHandler(h, way, NoAnswer); gap != nil {
			return gap
		}
		g := giveUpOf(h)
		if g == nil {
			return &Gap{Lack: NoGiveUp, At: h, Way: way}
		}
		if gap := w.followHandler(g, way, NoGiveUp); gap != nil {
			return gap
		}
	}
	return nil
}

// followHandler returns where the saga does not hear back of what a handler emits, or nil: one of its emissions has to lead back.
func (w *walk) followHandler(h *Handler, way []Step, lack Lack) *Gap {
	var deeper *Gap
	for _, x := range h.Emits {
		to, takers := arrival{event: x.Event}, w.saga.reached(h, x)
		if x.Timer {
			to.organ = h.Organ
		}
		switch {
		case !x.Timer && (w.saga.Handles(x.Event) || !w.saga.known(x.Event)), w.proven[to]:
			return nil
		case x.Event.Output || w.hasSeen(to) || len(takers) == 0:
			continue
		}
		w.seen[to] = true
		gap := w.followTakers(takers, append(slices.Clone(way), Step{h, x.Event}))
		if gap == nil {
			w.markProven(to)
			return nil
		}
		w.seen[to] = false
		deeper = gap
	}
	if deeper != nil {
		return deeper
	}
	return &Gap{Lack: lack, At: h, Way: way}
}

func (w *walk) hasSeen(to arrival) bool {
	_, seen := w.seen[to]
	return seen
}

// markProven notes that an event leads back, and forgets those that led nowhere, because their way may have ended at this event.
func (w *walk) markProven(to arrival) {
	w.proven[to] = true
	maps.DeleteFunc(w.seen, func(a arrival, onWay bool) bool { return !onWay || a == to })
}

// findEnd reports whether a handler that ends the saga is reached from one of its handlers, and returns the steps that are looked at.
func (s *Saga) findEnd(from *Handler) (way []Step, ends bool) {
	seen := map[*Handler]bool{from: true}
	for list := []*Handler{from}; len(list) > 0; list = list[1:] {
		h := list[0]
		if h.Organ == s.Organ && (h.Ends || h.Compensates) {
			return way, true
		}
		for _, x := range h.Emits {
			way = append(way, Step{h, x.Event})
			if !x.Timer && !s.known(x.Event) {
				return way, true
			}
			for _, next := range x.Event.Handlers {
				if !seen[next] && (!x.Timer || next.Organ == h.Organ) {
					seen[next] = true
					list = append(list, next)
				}
			}
		}
	}
	return way, false
}
