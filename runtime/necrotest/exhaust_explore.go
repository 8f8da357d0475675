package necrotest

import (
	"errors"
	"fmt"
	"strings"

	necro "github.com/necrostack/necrogen/runtime"
)

// exhaustion is all that Exhaust does.
type exhaustion struct {
	build  func(*World)
	events []necro.Event
	only   string       // the one fault that is to strike; empty for all
	bubble func(func()) // makes a run in virtual time

	calls     map[op]int // in the runs without a fault
	faults    int
	crashes   int // among the faults
	missed    int // faults whose call did not come
	differing int // runs with a difference
	seconds   int // deliveries that were handled twice
	findings  []finding
	loose     bool     // the topology is not deterministic
	err       error    // why there is nothing to compare
	log       []string // the calls of the one run, with only
}

// finding is one way in which a run differed from the undisturbed one.
type finding struct {
	where string
	lines []string
	name  string   // what replays it; empty for what needs no fault
	also  []string // at which other faults the same was found
}

func newExhaustion(build func(*World), events []necro.Event, only string) *exhaustion {
	return &exhaustion{build: build, events: events, only: only, calls: map[op]int{}}
}

// exploreFaults makes all runs. A topology that is not deterministic is reported alone: every fault would only
// show the same again.
func (x *exhaustion) exploreFaults() {
	var wants []*run
	for _, p := range passes {
		wants = append(wants, x.runUndisturbed(p))
		if x.err != nil {
			return
		}
	}
	x.handleTwice(wants[len(wants)-1])
	if x.loose {
		return
	}
	for _, want := range wants {
		for _, s := range want.strikes {
			x.tryFault(s, want)
		}
	}
}

// runUndisturbed makes two runs without a fault, and returns the first one.
func (x *exhaustion) runUndisturbed(p pass) *run {
	want, err := x.runOnce(p, strike{}, nil)
	if err == nil && len(want.record.ends) == 0 {
		err = errors.New("nothing was handled: do the organs handle these events?")
	}
	if x.err = err; err != nil {
		return want
	}
	for o, n := range want.calls {
		x.calls[o] += n
	}
	again, err := x.runOnce(p, strike{}, nil)
	if lines := compareOutcomes(want, again, err); len(lines) > 0 {
		x.loose = true
		x.keepFinding(finding{where: "two runs without a fault differ: what in the topology is not deterministic?", lines: lines})
	}
	return want
}

// compareOutcomes lists how the outcome of a run differs from that of the undisturbed one.
func compareOutcomes(want, r *run, err error) []string {
	if err != nil {
		return []string{err.Error()}
	}
	return append(listDifferences(want.record, r.record), listOtherStates(want, r)...)
}

// twiceName is what replays the run that handles every delivery twice.
const twiceName = "handled twice"

// handleTwice makes the run that handles every delivery twice.
func (x *exhaustion) handleTwice(want *run) {
	if x.only != "" && x.only != twiceName {
		return
	}
	t := &twice{first: map[delivery]*result{}}
	r, err := x.runOnce(want.pass, strike{}, t)
	x.log, x.seconds = r.log, t.seconds
	for _, f := range t.differ {
		x.loose = true
		x.keepFinding(f)
	}
	if lines := compareOutcomes(want, r, err); len(lines) > 0 && !x.loose {
		x.differing++
		x.keepFinding(finding{where: "every delivery " + twiceName, lines: lines, name: twiceName})
	}
}

// tryFault makes the run for one fault. Where handlers take time the spine makes some calls by the
// clock, and what happens at the same moment happens in any order: then a call may not come in
// a run, and a fault that is meant for it strikes nothing.
func (x *exhaustion) tryFault(s strike, want *run) {
	name := fmt.Sprintf("%s: %s", want.pass.name, s)
	if x.only != "" && x.only != name {
		return
	}
	x.faults++
	if s.fault == crashBefore || s.fault == crashAfter {
		x.crashes++
	}
	r, err := x.runOnce(want.pass, s, nil)
	for again := 0; !r.faultMattered() && again < 3; again++ {
		r, err = x.runOnce(want.pass, s, nil)
	}
	if !r.faultMattered() {
		x.missed++
	}
	x.log = r.log
	if lines := compareOutcomes(want, r, err); len(lines) > 0 {
		x.differing++
		x.keepFinding(finding{where: name, lines: lines, name: name})
	}
}

// keepFinding keeps a finding. A finding that comes again is kept with the first one: more deliveries of the
// same handler, or more faults with the same difference.
func (x *exhaustion) keepFinding(f finding) {
	for i := range x.findings {
		same := &x.findings[i]
		if f.name == "" && same.where == f.where {
			same.lines = append(same.lines, f.lines...)
			return
		}
		if strings.Join(same.lines, "\n") == strings.Join(f.lines, "\n") && f.name != "" && same.name != "" {
			same.also = append(same.also, f.where)
			return
		}
	}
	x.findings = append(x.findings, f)
}

// runOnce makes one run.
func (x *exhaustion) runOnce(p pass, s strike, t *twice) (r *run, err error) {
	x.bubble(func() {
		r = newRun(p)
		r.strike, r.twice, r.tracing = s, t, x.only != ""
		err = r.runWorld(x.build, x.events)
	})
	return r, err
}
