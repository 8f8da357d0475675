package contract

import (
	"fmt"
	"slices"
	"time"
)

// Finding is something that endangers the guarantees, or that an operator should look at.
type Finding struct {
	// Severe says that events are lost, or come to a standstill.
	Severe bool
	// Subject names the thing in question, as in "organ shop.Billing".
	Subject string
	// Problem is the fault, and Mend the advice.
	Problem, Mend string
}

// Bounds above which Findings tells of something.
const (
	stuckAfter   = 10 * time.Minute
	overdueAfter = time.Minute
	parkNearFull = 8000 // events of one name; every backend parks 10,000
)

// SortFindings puts severe findings first, and leaves the others in their order.
func SortFindings(list []Finding) {
	slices.SortStableFunc(list, func(x, y Finding) int {
		switch {
		case x.Severe == y.Severe:
			return 0
		case x.Severe:
			return -1
		}
		return 1
	})
}

// Findings returns what is wrong with the organs, the schedule, the parks and the clock, severe findings first.
func (h *Health) Findings() (list []Finding) {
	if h.ClockSteps > 0 {
		list = append(list, Finding{false, "the server's clock", fmt.Sprintf("it was set %d times by a second or more, the last time by %v", h.ClockSteps, h.ClockStep),
			"have it slewed, not stepped: after each step what dead processes held waits another lease"})
	}
	for i := range h.Organs {
		list = append(list, h.Organs[i].organFindings()...)
	}
	if h.Overdue > overdueAfter {
		list = append(list, Finding{true, "the schedule", fmt.Sprintf("%d events are delayed, and the first has been due for %s: nothing routes them", h.Delayed, h.Overdue.Round(time.Second)),
			"start a program that uses the backend; look at the log of those that run"})
	}
	for i := range h.Parked {
		list = append(list, h.Parked[i].parkFindings()...)
	}
	SortFindings(list)
	return list
}

// organFindings tells why an organ does not go on, or falls behind.
func (h *OrganHealth) organFindings() (list []Finding) {
	add := func(severe bool, problem, mend string) {
		list = append(list, Finding{severe, "organ " + h.Organ, problem, mend})
	}
	waiting := h.Ready + h.Leased + h.Scheduled
	if h.Paused != "" {
		add(true, fmt.Sprintf("it is paused, %d deliveries wait: %s", waiting, h.Paused), "mend the reason, then resume it")
	}
	if h.Consumers == 0 && waiting > 0 {
		add(true, fmt.Sprintf("nobody consumes, and %d deliveries wait", waiting), "start a program that runs it, or remove it")
	} else if h.Consumers == 0 {
		add(false, "nobody consumes", "start a program that runs it, or remove it")
	}
	if h.Consumers > 0 && h.Paused == "" && h.Oldest > stuckAfter {
		add(false, fmt.Sprintf("its oldest ready event waits for %s: it falls behind, or its handlers stand still", h.Oldest.Round(time.Second)),
			"look at the processes; add more, or concurrency")
	}
	if h.OpenBreakers > 0 && h.Paused == "" && waiting > 0 {
		add(false, fmt.Sprintf("the breaker of %d of %d consumers is %s", h.OpenBreakers, h.Consumers, h.Breaker),
			"mend what its handlers depend on: their log has the error; the breaker closes by itself")
	}
	if h.Dead > 0 {
		add(false, fmt.Sprintf("%d dead letters", h.Dead), "look at them, mend the reason, then redrive or discard")
	}
	return list
}

// parkFindings tells of events that no organ is bound to.
func (h *ParkHealth) parkFindings() []Finding {
	f := Finding{Subject: "event " + h.Event, Mend: "start an organ that handles it, or declare it an output"}
	switch {
	case h.Dropped > 0:
		f.Severe, f.Problem = true, fmt.Sprintf("%d were let go: nobody handles it, and its park is full", h.Dropped)
	case h.Parked > parkNearFull:
		f.Problem = fmt.Sprintf("%d are parked: nobody handles it, and beyond 10,000 the oldest are let go", h.Parked)
	case h.Parked > 0:
		f.Problem = fmt.Sprintf("%d are parked: nobody handles it", h.Parked)
	default:
		return nil
	}
	return []Finding{f}
}
