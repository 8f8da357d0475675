package main

import (
	"fmt"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// ledger holds what the records of one run say of its chains, those that began at a time or
// later: before a flush all is forgiven.
type ledger struct {
	since    int64 // microseconds since 1970; 0 for all
	begun    map[string]begun
	handled  map[visit]bool
	ended    map[visit]int // settles that counted, as done or as given up
	makers   map[string]uint64
	ids      map[string]necro.ID
	forked   map[string]bool // the forks that are listed already
	forks    evidence
	strays   evidence // what belongs to no chain
	torn     evidence // states that are not what was handled
	calls    int      // of handlers, which returned no error
	failures int      // calls that did
	emitted  int      // events that were stored by settles
	late     int      // settles that came too late
}

// begun is a chain that a publisher has tried to publish.
type begun struct {
	root     *Root
	batch    string // of those that were published in one step; "" for those that were not
	accepted bool
}

func newLedger(since int64) *ledger {
	return &ledger{
		since: since, begun: map[string]begun{}, handled: map[visit]bool{}, ended: map[visit]int{},
		makers: map[string]uint64{}, ids: map[string]necro.ID{}, forked: map[string]bool{},
	}
}

// enterPublisher enters a line of a publisher. All of them come before those of the workers.
func (g *ledger) enterPublisher(l *line) {
	switch l.Did {
	case tried:
		if l.At >= g.since {
			g.begun[l.Path] = begun{root: l.Root, batch: l.Batch}
		}
	case accepted:
		if b, ok := g.begun[l.Path]; ok {
			b.accepted = true
			g.begun[l.Path] = b
		}
	}
}

// enterWorker enters a line of a worker.
func (g *ledger) enterWorker(l *line) {
	if _, ok := g.begun[chainOf(l.Path)]; !ok {
		if g.since == 0 {
			g.strays.addEvidence("%s %s, which nobody published %s", l.Did, l.visitOf(), l.Error)
		}
		return
	}
	g.checkIdentity(l)
	switch l.Did {
	case handled:
		g.calls++
		g.handled[l.visitOf()] = true
	case failed:
		g.failures++
	case settled:
		g.enterSettled(l)
	}
}

// checkIdentity wants an event to have one id, and all that one event gave rise to to be made by
// one call.
func (g *ledger) checkIdentity(l *line) {
	if id, ok := g.ids[l.Path]; ok && id != l.ID {
		g.noteFork(l.Path, "has two ids: %s and %s", id, l.ID)
	}
	g.ids[l.Path] = l.ID
	made := "what follows from " + parentOf(l.Path)
	if parentOf(l.Path) == "" {
		made = "the root " + l.Path
	}
	if by, ok := g.makers[made]; ok && by != l.By {
		g.noteFork(made, "was stored by two calls: %x and %x", by, l.By)
		return
	}
	g.makers[made] = l.By
}

func (g *ledger) enterSettled(l *line) {
	if !l.Applied {
		g.late++
		return
	}
	if l.Outcome == contract.OutcomeAck || l.Outcome == contract.OutcomeDead {
		g.emitted += l.Emits
		g.ended[l.visitOf()]++
		if g.ended[l.visitOf()] > 1 {
			g.noteFork(l.visitOf().String(), "was settled twice")
		}
	}
}

// noteFork notes a fork once, however many copies there are.
func (g *ledger) noteFork(what, how string, args ...any) {
	if !g.forked[what] {
		g.forked[what] = true
		g.forks.addEvidence(what+" "+how, args...)
	}
}

// totals are what a ledger comes to.
type totals struct {
	published int // chains that were accepted
	completed int // of them, with all visits
	doomed    int // dead letters that had to be
	condemned int // dead letters of deliveries that were running alone in three crashes
	lost      evidence
}

// closeChains follows every accepted chain from its root. dead holds the reasons of the dead letters.
func (g *ledger) closeChains(dead map[visit][]contract.Reason) totals {
	var t totals
	condemned := g.judgeBuried(dead, &t)
	wanted := map[visit]bool{}
	for chain, b := range g.begun {
		missing := g.missingVisits(b.root, wanted, dead)
		switch {
		case !b.accepted:
			continue
		case len(missing) > 0 && !condemned[chain]:
			t.lost.addEvidence("chain %s lacks %d visits, first %s", chain, len(missing), missing[0])
		case len(missing) == 0:
			t.completed++
		}
		t.published++
	}
	g.findTorn(&t)
	for v := range g.handled {
		if !wanted[v] {
			g.strays.addEvidence("%s, which is no part of its chain", v)
		}
	}
	return t
}

// findTorn finds batches of which a part was stored.
func (g *ledger) findTorn(t *totals) {
	size, stored := map[string]int{}, map[string]int{}
	for _, b := range g.begun {
		if b.batch == "" {
			continue
		}
		size[b.batch]++
		if g.handled[visit{"split", b.root.Path}] {
			stored[b.batch]++
		}
	}
	for batch, n := range stored {
		if n < size[batch] {
			t.lost.addEvidence("batch %s: %d of %d were stored", batch, n, size[batch])
		}
	}
}

// judgeBuried judges the dead letters, and returns the chains that end early by right.
func (g *ledger) judgeBuried(dead map[visit][]contract.Reason, t *totals) (condemned map[string]bool) {
	condemned = map[string]bool{}
	for v, reasons := range dead {
		b, ok := g.begun[chainOf(v.path)]
		if !ok {
			continue
		}
		if len(reasons) > 1 {
			g.noteFork(v.String(), "has %d dead letters: %v", len(reasons), reasons)
		}
		doomed, ok := b.root.doomedVisit()
		switch {
		case ok && v == doomed && reasons[0] == contract.ReasonPermanent:
			t.doomed++
		case reasons[0] == contract.ReasonCrashed:
			t.condemned++
			condemned[chainOf(v.path)] = true
		default:
			t.lost.addEvidence("%s was given up: %s", v, reasons[0])
		}
	}
	return condemned
}

// missingVisits returns the visits that a chain lacks. It adds all that it should have to wanted.
func (g *ledger) missingVisits(root *Root, wanted map[visit]bool, dead map[visit][]contract.Reason) (list []visit) {
	for _, v := range root.allVisits() {
		wanted[v] = true
		if !g.handled[v] {
			list = append(list, v)
		}
	}
	if v, ok := root.doomedVisit(); ok && g.handled[v] && len(dead[v]) == 0 {
		list = append(list, v)
	}
	return list
}

// checkStates wants the tally to have seen each leaf of a chain once, as its states tell. The leaves of a chain that was
// not accepted may have come or not, and those that crashed three times have not.
func (g *ledger) checkStates(seen map[string]map[string]int, dead map[visit][]contract.Reason) {
	for chain, b := range g.begun {
		for _, v := range b.root.allVisits() {
			if v.organ != "tally" {
				continue
			}
			switch n := seen[chain][v.path]; {
			case n > 1:
				g.torn.addEvidence("that of %s has %s %d times", chain, v.path, n)
			case n == 0 && g.ended[v] > 0 && len(dead[v]) == 0:
				g.torn.addEvidence("that of %s lacks %s, which was settled", chain, v.path)
			case n == 0 && b.accepted && g.handled[v] && len(dead[v]) == 0:
				g.torn.addEvidence("that of %s lacks %s, which was handled", chain, v.path)
			}
		}
	}
}

// evidence counts findings, and keeps the first few.
type evidence struct {
	count int
	first []string
}

const keptEvidence = 5

func (e *evidence) addEvidence(format string, args ...any) {
	e.count++
	if len(e.first) < keptEvidence {
		e.first = append(e.first, fmt.Sprintf(format, args...))
	}
}
