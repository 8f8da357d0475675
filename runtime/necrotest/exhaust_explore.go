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

// finding is what is wrong.
type finding struct {
	where string
	lines []string
	name  string   // what replays it; empty for what needs no fault
	also  []string // at which other faults the same was found
}

func newExhaustion(build func(*World), events []necro.Event, only string) *exhaustion {
	return &exhaustion{build: build, events: events, only: only, calls: map[op]int{}}
}

// explore makes all runs. A topology that is not deterministic is told so, and no more: every
// fault would only show the same again.
func (x *exhaustion) explore() {
	var wants []*run
	for _, p := range passes {
		wants = append(wants, x.undisturbed(p))
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
			x.try(s, want)
		}
	}
}

// undisturbed makes two runs without a fault, and returns the first one.
func (x *exhaustion) undisturbed(p pass) *run {
	want, err := x.run(p, strike{}, nil)
	if err == nil && len(want.record.ends) == 0 {
		err = errors.New("nothing was handled: do the organs handle these events?")
	}
	if x.err = err; err != nil {
		return want
	}
	for o, n := range want.calls {
		x.calls[o] += n
	}
	again, err := x.run(p, strike{}, nil)
	if lines := outcome(want, again, err); len(lines) > 0 {
		x.loose = true
		x.find(finding{where: "two runs without a fault differ: what in the topology is not deterministic?", lines: lines})
	}
	return want
}

// outcome tells how the outcome of a run differs.
func outcome(want, r *run, err error) []string {
	if err != nil {
		return []string{err.Error()}
	}
	return differences(want.record, r.record)
}

// twiceName is what replays the run that handles every delivery twice.
const twiceName = "handled twice"

// handleTwice makes the run that handles every delivery twice.
func (x *exhaustion) handleTwice(want *run) {
	if x.only != "" && x.only != twiceName {
		return
	}
	t := &twice{first: map[delivery][]*storedEvent{}}
	r, err := x.run(want.pass, strike{}, t)
	x.log, x.seconds = r.log, t.seconds
	for _, f := range t.differ {
		x.loose = true
		x.find(f)
	}
	if lines := outcome(want, r, err); len(lines) > 0 && !x.loose {
		x.differing++
		x.find(finding{where: "every delivery " + twiceName, lines: lines, name: twiceName})
	}
}

// try makes the run for one fault. Where handlers take time the spine makes some calls by the
// clock, and what happens at the same moment happens in any order: then a call may not come in
// a run, and a fault that is meant for it strikes nothing.
func (x *exhaustion) try(s strike, want *run) {
	name := fmt.Sprintf("%s: %s", want.pass.name, s)
	if x.only != "" && x.only != name {
		return
	}
	x.faults++
	if s.fault == crashBefore || s.fault == crashAfter {
		x.crashes++
	}
	r, err := x.run(want.pass, s, nil)
	for again := 0; !r.bitten() && again < 3; again++ {
		r, err = x.run(want.pass, s, nil)
	}
	if !r.bitten() {
		x.missed++
	}
	x.log = r.log
	if lines := outcome(want, r, err); len(lines) > 0 {
		x.differing++
		x.find(finding{where: name, lines: lines, name: name})
	}
}

// find keeps a finding. What is found again is kept with it: for one handler more deliveries,
// for one difference more faults.
func (x *exhaustion) find(f finding) {
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

// run makes one run.
func (x *exhaustion) run(p pass, s strike, t *twice) (r *run, err error) {
	x.bubble(func() {
		r = newRun(p)
		r.strike, r.twice, r.tracing = s, t, x.only != ""
		err = r.do(x.build, x.events)
	})
	return r, err
}
