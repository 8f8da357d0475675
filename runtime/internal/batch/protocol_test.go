package batch

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestProtocolUnderRace lets worker, watch and keeper work on the same batches as fast as they can.
func TestProtocolUnderRace(t *testing.T) {
	runProtocol(t, 3000, func(*rand.Rand) { runtime.Gosched() })
}

// TestProtocolInVirtualTime lets them meet in every order, while all but one of them sleep: the goroutine that waits for the
// right to settle must be seen to wait, or time would stand still.
func TestProtocolInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runProtocol(t, 300, func(r *rand.Rand) { time.Sleep(time.Duration(1+r.IntN(5)) * time.Millisecond) })
	})
}

const ofBatch = 8 // deliveries

// meeting is a batch with a ledger of what became of each delivery of each round: settled, offered, or handed back.
type meeting struct {
	t      *testing.T
	pause  func(*rand.Rand)
	batch  Batch[handled]
	notes  []int // of the batch: the round that ran each delivery; another slice in each round, as the worker's
	ledger [][ofBatch]atomic.Int32
	over   atomic.Bool // no round follows
	asides sync.WaitGroup
}

func runProtocol(t *testing.T, rounds int, pause func(*rand.Rand)) {
	m := &meeting{t: t, pause: pause, ledger: make([][ofBatch]atomic.Int32, rounds)}
	m.batch.Init()
	var lookers sync.WaitGroup
	lookers.Go(m.watch)
	lookers.Go(m.keep)
	r := rand.New(rand.NewPCG(1, 1))
	for round := range rounds {
		m.work(round, r)
	}
	m.over.Store(true)
	lookers.Wait()
	m.asides.Wait()
	for round := range m.ledger {
		for i := range m.ledger[round] {
			if n := m.ledger[round][i].Load(); n != 1 {
				t.Fatalf("delivery %d of round %d was settled, offered or handed back %d times", i, round, n)
			}
		}
	}
}

// enter notes what became of deliveries.
func (m *meeting) enter(ds []contract.Delivery) {
	for i := range ds {
		m.ledger[ds[i].Attempts][ds[i].Hops].Add(1)
	}
}

// work is the worker: it runs one batch, or a part of it.
func (m *meeting) work(round int, r *rand.Rand) {
	m.notes = make([]int, ofBatch)
	m.batch.Begin(numbered(round, ofBatch))
	stopAt, i := r.IntN(2*ofBatch), 0
	for ; i < len(m.batch.Deliveries()) && i < stopAt; i++ {
		m.pause(r)
		if !m.batch.Owns(i) {
			m.batch.End()
			return
		}
		m.notes[i] = round
		if !m.batch.Finish(i) {
			m.batch.End()
			return
		}
	}
	m.batch.LockSettling()
	if !m.batch.Owns(i) {
		m.batch.UnlockSettling()
		m.batch.End()
		return
	}
	m.settle(m.batch.PositionOf(i))
	m.enter(m.batch.Deliveries()[i:])
	m.pause(r)
	m.batch.End()
	m.batch.UnlockSettling()
}

// settle settles what is finished in front of a position. The caller has the right to settle.
func (m *meeting) settle(p Position) {
	from, ds := m.batch.Unsettled(p)
	if len(ds) == 0 {
		return
	}
	for i := range ds {
		if int(ds[i].Hops) != from+i || m.notes[from+i] != int(ds[i].Attempts) {
			m.t.Errorf("delivery %d of round %d has the outcome of round %d", from+i, ds[i].Attempts, m.notes[from+i])
		}
	}
	m.enter(ds)
	m.batch.MarkSettled(from + len(ds))
}

// watch is the watch: it settles, offers and abandons.
func (m *meeting) watch() {
	r := rand.New(rand.NewPCG(2, 2))
	for ; !m.over.Load(); m.pause(r) {
		p := m.batch.Position()
		if !p.IsRunning() || !m.batch.TryLockSettling() {
			continue
		}
		m.settle(p)
		switch r.IntN(4) {
		case 0:
			m.abandon(p)
		case 1:
			if rest := m.batch.Offer(p); len(rest) > 0 {
				m.asides.Go(func() {
					m.enter(rest)
					runtime.Gosched()
					m.batch.UnlockSettling()
				})
				continue
			}
		}
		m.batch.UnlockSettling()
	}
}

// abandon gives up the delivery that runs, and hands back the rest.
func (m *meeting) abandon(p Position) {
	ds, _, ok := m.batch.Abandon(p)
	if !ok {
		return
	}
	for i := range ds {
		if ds[i].Attempts != ds[0].Attempts {
			m.t.Error("what is left of an abandoned batch is of two batches")
		}
	}
	m.enter(ds[p.Index():])
}

// keep is the keeper: it renews leases, and loses some.
func (m *meeting) keep() {
	r := rand.New(rand.NewPCG(3, 3))
	for ; !m.over.Load(); m.pause(r) {
		l := m.batch.Leased()
		for i := range l.Deliveries {
			if d := &l.Deliveries[i]; d.Attempts != l.Deliveries[0].Attempts || int(d.Hops) != l.from+i {
				m.t.Errorf("leased are deliveries of two batches, or not one after the other")
			}
		}
		m.batch.LoseLeases(l, func(*contract.Delivery) bool { return r.IntN(ofBatch) == 0 }, func(c *handled) { c.told = true })
		m.batch.HasLost()
	}
}
