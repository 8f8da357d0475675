package graph

import "slices"

// Step is one step of a chain: a handler takes its event and emits another one.
type Step struct {
	Handler *Handler
	Emits   *Event
}

// UnboundedCycles returns circles of which no organ declares maxhops, and in which nothing waits: an event that was delayed
// begins to count its hops anew. Every event that stands in
// such a circle stands in one of those returned, which are the shortest; each begins with the
// first of its events that does not stand in one before it.
func (g *Graph) UnboundedCycles() [][]Step {
	var cycles [][]Step
	seen := map[*Event]bool{}
	for _, e := range g.Events {
		if seen[e] {
			continue
		}
		cycle := shortestCycle(e)
		for _, s := range cycle {
			seen[s.Emits] = true
		}
		if cycle != nil {
			cycles = append(cycles, cycle)
		}
	}
	return cycles
}

// shortestCycle returns the shortest way from e to e through handlers without a bound, or nil.
func shortestCycle(e *Event) []Step {
	from := map[*Event]Step{} // the step by which an event was reached first
	for list := []*Event{e}; len(list) > 0; list = list[1:] {
		for _, h := range list[0].Handlers {
			if _, declared := h.MaxHops(); declared {
				continue
			}
			for _, x := range h.Emits {
				if _, known := from[x.Event]; known || x.Renews {
					continue
				}
				from[x.Event] = Step{h, x.Event}
				if x.Event == e {
					return cyclePath(e, from)
				}
				list = append(list, x.Event)
			}
		}
	}
	return nil
}

// cyclePath walks back from e until e comes again.
func cyclePath(e *Event, from map[*Event]Step) []Step {
	var steps []Step
	for at := e; ; {
		s := from[at]
		steps = append(steps, s)
		if at = s.Handler.Event; at == e {
			slices.Reverse(steps)
			return steps
		}
	}
}
