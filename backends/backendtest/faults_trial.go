package backendtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// trial is one run of the topology under faults.
type trial struct {
	e       *env
	b       contract.Backend // sound
	seed    uint64
	records *records
	above   func(contract.Backend) contract.Backend // between a spine and its faults
	below   func(contract.Backend) contract.Backend // between the faults and the records
	faulty  []*Faulty
	build   func() []contract.Organ // what every process runs
	keyOf   func(n int64) string    // of the event with a number
	spare   []Bite                  // faults that do not strike
	lanes   int                     // of the organ with state

	mu  sync.Mutex // guards rng, which handlers of all processes use
	rng *rand.Rand
}

func newTrial(e *env) *trial {
	seed := e.h.seedOf()
	e.Logf("seed %d", seed)
	same := func(b contract.Backend) contract.Backend { return b }
	t := &trial{
		e: e, b: e.open(), seed: seed, records: newRecords(), above: same, below: same,
		rng: rand.New(rand.NewPCG(seed, 2)), keyOf: func(int64) string { return "" },
	}
	t.build = t.organs
	return t
}

// chanceBelow returns a number below n.
func (t *trial) chanceBelow(n int) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.rng.IntN(n)
}

// size is how many events are published, and how often something happens to a process.
func (t *trial) size() (events, rounds int) {
	if t.e.h.Virtual {
		return 150, 40
	}
	return 60, 15
}

// run publishes, lets processes die and stall, heals everything, waits for the end and
// counts.
func (t *trial) run() report {
	t.e.Helper()
	events, rounds := t.size()
	processes := []*mortal{t.start(), t.start(), t.start()}
	var publisher sync.WaitGroup
	publisher.Go(func() { t.publishAgain(events) })
	for round := range rounds {
		t.e.wait(time.Duration(1+t.chanceBelow(6)) * t.e.h.Unit)
		t.disturbProcess(round, &processes[t.chanceBelow(len(processes))])
	}
	publisher.Wait()
	for _, f := range t.faulty {
		f.Heal()
	}
	t.e.until("everything is settled", func() bool { return t.leftOver() == 0 })
	for _, p := range processes {
		p.stop()
	}
	r := t.records.reportChains(t.leftOver())
	t.e.Logf("%v", r)
	return r
}

// mortal is a process and the faults between it and the backend.
type mortal struct {
	*process
	faulty   *Faulty
	recorder *recorder
}

// badConnection returns a bad connection to the backend, and what records behind it.
func (t *trial) badConnection() (*Faulty, *recorder) {
	r := &recorder{t.records, map[step]bool{}}
	b := t.below(r.recordOver(t.e.attachProcess(t.b)))
	t.mu.Lock()
	defer t.mu.Unlock()
	f := NewFaulty(b, Plan{Seed: t.seed + uint64(len(t.faulty)), Rate: 0.15, Delay: t.e.lease() / 2, Spare: t.spare})
	t.faulty = append(t.faulty, f)
	return f, r
}

// start starts a process.
func (t *trial) start() *mortal {
	t.e.Helper()
	f, r := t.badConnection()
	s := t.e.spine(t.above(f), t.build(), necro.WithLease(t.e.lease()), necro.WithGrace(t.e.units(4)))
	return &mortal{t.e.run(s), f, r}
}

// disturbProcess lets a process die, stall for more than a lease, or stop and start as in a
// rollout, in turns.
func (t *trial) disturbProcess(round int, p **mortal) {
	t.e.Helper()
	switch round % 4 {
	case 0:
		for range 40 { // it dies at work
			if (*p).recorder.holds() {
				break
			}
			t.e.wait(t.e.h.Unit / 4)
		}
		(*p).recorder.markDead()
		(*p).faulty.Kill()
		(*p).cancel()
		(*p).wait()
		*p = t.start()
	case 1, 3:
		(*p).faulty.Stall(t.e.lease() * 5 / 2)
	case 2:
		(*p).cancel()
		(*p).wait()
		*p = t.start()
	}
}

// leftOver counts the events that are stored or parked.
func (t *trial) leftOver() (n int) {
	h := t.b.Health(t.e.ctx)
	if h.Err != nil {
		t.e.Fatalf("seed %d: what is left over is not known: %v", t.seed, h.Err)
	}
	for _, o := range h.Organs {
		n += stored(o)
	}
	for _, p := range h.Parked {
		n += p.Parked
	}
	return n
}

// publishAgain publishes over a bad network, and repeats with the same id what may be stored.
func (t *trial) publishAgain(events int) {
	f, _ := t.badConnection()
	f.Next(OpPublish, Refused, LostReply, Cancelled, Delayed) // else few publishes are struck
	s, err := necro.New(f, necro.WithLogger(nil))
	if err != nil {
		t.e.Errorf("new publisher: %v", err)
		return
	}
	for n := range events {
		id, path := contract.NewID(), fmt.Sprint(n)
		t.records.underLock(func() { t.records.published = append(t.records.published, path) })
		for s.Publish(t.e.ctx, &eventA{N: int64(n), Key: t.keyOf(int64(n)), Text: path}, necro.WithID(id)) != nil && t.e.ctx.Err() == nil {
			t.e.wait(t.e.h.Unit / 4)
		}
		if n%10 == 9 {
			t.e.wait(t.e.h.Unit)
		}
	}
}

func (t *trial) organs() []contract.Organ {
	policy := t.e.policy()
	policy.Retry, policy.Timeout, policy.Concurrency = 1000, t.e.units(20), 2
	return organs(
		newOrgan("split", policy, work[kindA](t, "split")),
		newOrgan("left", policy, work[kindB](t, "left")),
		newOrgan("right", policy, work[kindC](t, "right")),
		newOrgan("join", policy, work[kindD](t, "join")),
		newOrgan("audit", policy, work[kindA](t, "audit"), work[kindD](t, "audit")),
	)
}

// work emits what the topology says, unless something goes wrong.
func work[K kind](t *trial, organ string) contract.Route {
	return on(func(ctx context.Context, ev *item[K], out emit) error {
		for _, b := range emits[organ] {
			out(child(b, ev.N, ev.Text))
		}
		if organ == "join" && ev.N%17 == 0 && strings.HasSuffix(ev.Text, "/e") {
			return contract.Permanent(errors.New("of no use"))
		}
		if err := t.makeTrouble(ctx); err != nil {
			return err
		}
		t.records.underLock(func() { t.records.handled++ })
		return nil
	}, typeB, typeC, typeD)
}

func child(b branch, n int64, path string) contract.Event {
	path += "/" + b.end
	switch b.typ {
	case 'B':
		return &eventB{N: n, Text: path}
	case 'C':
		return &eventC{N: n, Text: path}
	default:
		return &eventD{N: n, Text: path}
	}
}

// makeTrouble lets a handler fail, panic, take longer than a lease, or hang, deaf to its context,
// until it was abandoned; then it succeeds, too late.
func (t *trial) makeTrouble(ctx context.Context) error {
	switch n := t.chanceBelow(200); {
	case n < 10:
		return errors.New("not yet")
	case n < 14:
		panic("not yet")
	case n < 20:
		return idle(ctx, t.e.lease()*3/2)
	case n < 22:
		time.Sleep(t.e.units(40))
	default:
		return idle(ctx, time.Duration(t.chanceBelow(10))*t.e.h.Unit/10)
	}
	return nil
}
