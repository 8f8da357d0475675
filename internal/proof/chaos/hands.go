package main

// hands are the deliveries that a worker holds, by its own records: those it fetched and has neither settled nor
// released.
type hands struct {
	tail tail
	held map[visit]bool
}

// countHeld reads the records since the last call, and returns how many deliveries the worker holds.
func (h *hands) countHeld() (int, error) {
	lines, err := h.tail.newLines()
	for i := range lines {
		switch l := &lines[i]; l.Did {
		case fetched:
			h.held[l.visitOf()] = true
		case settled, released:
			delete(h.held, l.visitOf())
		}
	}
	return len(h.held), err
}
