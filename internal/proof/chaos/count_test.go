package main

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// chains is how many chains the clean run has.
const chains = 40

// cleanRun runs the topology on memory, in one process and on virtual time, and returns what
// was recorded, with the dead letters.
func cleanRun(t *testing.T) (published, worked []line, dead map[visit][]contract.Reason) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b := memory.New(memory.WithCopy())
		out, in := open(t, dir, "publisher"), open(t, dir, "worker")
		w := newWork(in, time.Second, 1)
		s, err := necro.New(&recorder{b, in}, withOrgans(w, &Tally{w}), necro.WithLogger(nil))
		if err != nil {
			t.Fatal(err)
		}
		p := &publisher{s, out, "p", time.Millisecond, rand.New(rand.NewPCG(1, 1))}
		p.beginChain(t.Context(), &Root{Step{Path: "doomed"}, "doomed", 2, 3, true})
		ctx, stop := context.WithTimeout(t.Context(), chains*time.Millisecond)
		p.run(ctx)
		stop()
		time.Sleep(time.Millisecond)
		p.beginChain(t.Context(), p.makeRoot("last"))
		if _, err := s.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if dead, err = deadLetters(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	})
	return linesOf(t, dir, "publisher"), linesOf(t, dir, "worker"), dead
}

func open(t *testing.T, dir, name string) *records {
	r, err := openRecords(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.file.Close() })
	return r
}

func linesOf(t *testing.T, dir, name string) []line {
	lines, err := (&tail{name: filepath.Join(dir, name)}).newLines()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// counted counts a run.
func counted(published, worked []line, dead map[visit][]contract.Reason, since int64) *result {
	g := newLedger(since)
	for i := range published {
		g.enterPublisher(&published[i])
	}
	for i := range worked {
		g.enterWorker(&worked[i])
	}
	return &result{totals: g.closeChains(dead), ledger: g}
}

// find returns the index of the last line of a deed.
func find(lines []line, did deed, organ string) int {
	for i := range slices.Backward(lines) {
		if lines[i].Did == did && lines[i].Organ == organ {
			return i
		}
	}
	return -1
}

// TestCount tampers with the records of a clean run: each time exactly that is found.
func TestCount(t *testing.T) {
	published, worked, dead := cleanRun(t)
	doomed := visit{"witness", "doomed/l0/f"}
	for _, c := range []struct {
		name                 string
		tamper               func()
		lost, forked, strays int
	}{
		{name: "nothing", tamper: func() {}},
		{name: "a visit is missing", lost: 1, tamper: func() {
			last := worked[find(worked, handled, "left")].visitOf()
			worked = slices.DeleteFunc(worked, func(l line) bool { return l.Did == handled && l.visitOf() == last })
		}},
		{name: "an event is stored by two calls", forked: 1, tamper: func() {
			again := worked[find(worked, fetched, "join")]
			again.By++
			worked = append(worked, again)
		}},
		{name: "a root is stored by two calls", forked: 1, tamper: func() {
			again := worked[find(worked, fetched, "split")]
			again.By++
			worked = append(worked, again)
		}},
		{name: "a delivery is settled twice", forked: 1, tamper: func() {
			worked = append(worked, worked[find(worked, settled, "right")])
		}},
		{name: "a late settle is no fork", tamper: func() {
			again := worked[find(worked, settled, "right")]
			again.Applied = false
			worked = append(worked, again)
		}},
		{name: "a handler that runs twice is no fork", tamper: func() {
			again := worked[find(worked, handled, "right")]
			again.Run++
			worked = append(worked, again)
		}},
		{name: "an event has two ids", forked: 1, tamper: func() {
			again := worked[find(worked, fetched, "witness")]
			again.ID = necro.NewID()
			worked = append(worked, again)
		}},
		{name: "an event that no chain has", strays: 1, tamper: func() {
			more := worked[find(worked, handled, "left")]
			more.Path = parentOf(more.Path) + "/l9"
			worked = append(worked, more)
		}},
		{name: "an event that nobody published", strays: 1, tamper: func() {
			worked = append(worked, line{Did: fetched, Organ: "left", Path: "unknown/l0"})
		}},
		{name: "a part of a batch is stored", lost: 1, tamper: func() {
			batch := published[slices.IndexFunc(published, func(l line) bool { return l.Batch != "" })].Batch
			published = slices.DeleteFunc(published, func(l line) bool {
				return l.Did == accepted && strings.HasPrefix(l.Path, batch+".")
			})
			worked = slices.DeleteFunc(worked, func(l line) bool { return chainOf(l.Path) == batch+".1" })
		}},
		{name: "a dead letter is missing", lost: 1, tamper: func() { delete(dead, doomed) }},
		{name: "a dead letter is there twice", forked: 1, tamper: func() { dead[doomed] = append(dead[doomed], dead[doomed]...) }},
		{name: "a dead letter that should not be", lost: 1, tamper: func() {
			dead[visit{"join", "doomed/l0/f"}] = []contract.Reason{contract.ReasonExhausted}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, w, d := published, worked, map[visit][]contract.Reason{}
			for v, reasons := range dead {
				d[v] = reasons
			}
			defer func() { published, worked, dead = p, w, d }()
			published, worked = slices.Clone(published), slices.Clone(worked)
			c.tamper()
			r := counted(published, worked, dead, 0)
			if r.lost.count != c.lost || r.forks.count != c.forked || r.strays.count != c.strays {
				t.Errorf("lost %+v, forked %+v, strays %+v; want %d, %d, %d",
					r.lost, r.forks, r.strays, c.lost, c.forked, c.strays)
			}
			if r.published < chains/2 || c.lost == 0 && r.completed != r.published {
				t.Errorf("published %d, completed %d", r.published, r.completed)
			}
		})
	}
}

// TestCountForgivesWhatWasBefore: a flush takes away what began before it.
func TestCountForgivesWhatWasBefore(t *testing.T) {
	published, worked, dead := cleanRun(t)
	all := counted(published, worked, dead, 0)
	since := published[len(published)-1].At // with no time between a try and its answer
	worked = slices.DeleteFunc(worked, func(l line) bool { return chainOf(l.Path) != "last" })
	after := counted(published, worked, dead, since)
	if after.published != 1 || after.lost.count != 0 || all.published < 2 {
		t.Errorf("published %d of %d, lost %+v; want 1, and none", after.published, all.published, after.lost)
	}
	if r := counted(published, worked, dead, 0); r.lost.count != r.published-1 {
		t.Errorf("%d of %d lost without a flush", r.lost.count, r.published)
	}
}
