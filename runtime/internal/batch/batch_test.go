package batch

import (
	"slices"
	"testing"

	"github.com/necrostack/necrogen/runtime/contract"
)

// handled stands for a handler's context: what the keeper told it.
type handled struct{ told bool }

// numbered returns n deliveries that say which batch they are of and where they are in it.
func numbered(number, n int) []contract.Delivery {
	ds := make([]contract.Delivery, n)
	for i := range ds {
		ds[i].Attempts, ds[i].Hops = int32(number), int32(i)
	}
	return ds
}

// places returns the indexes of deliveries in their batch.
func places(ds []contract.Delivery) (at []int) {
	for _, d := range ds {
		at = append(at, int(d.Hops))
	}
	return at
}

// A move is one call, which says whether it succeeded. Moves of the watch are from the position that the batch has when
// they are called, unless they are late: then they are from the position before the last move.
type move struct {
	name string
	call func(b *Batch[handled], seen Position) bool
}

var (
	begin  = move{"begin", func(b *Batch[handled], _ Position) bool { b.Begin(numbered(1, 3)); return true }}
	finish = func(i int) move {
		return move{"finish", func(b *Batch[handled], _ Position) bool { return b.Finish(i) }}
	}
	owns     = func(i int) move { return move{"owns", func(b *Batch[handled], _ Position) bool { return b.Owns(i) }} }
	end      = move{"end", func(b *Batch[handled], _ Position) bool { b.End(); return true }}
	offer    = move{"offer", func(b *Batch[handled], p Position) bool { return len(b.Offer(p)) > 0 }}
	abandon  = move{"abandon", func(b *Batch[handled], p Position) bool { _, _, ok := b.Abandon(p); return ok }}
	settleTo = func(i int) move {
		return move{"settle", func(b *Batch[handled], p Position) bool {
			_, ds := b.Unsettled(newPosition(p.number(), i))
			b.MarkSettled(i)
			return len(ds) > 0
		}}
	}
)

// TestTransitions makes every move from every state.
func TestTransitions(t *testing.T) {
	for _, c := range []struct {
		name  string
		until []move // bring the batch into the state
		late  bool   // the last of them happens after the watch has looked
		try   move
		want  bool
		at    Position
		left  int // deliveries of the batch then
	}{
		{"a batch begins", nil, false, begin, true, newPosition(1, 0), 3},
		{"the worker moves on", []move{begin}, false, finish(0), true, newPosition(1, 1), 3},
		{"not from where it is not", []move{begin}, false, finish(1), false, newPosition(1, 0), 3},
		{"to the end", []move{begin, finish(0), finish(1)}, false, finish(2), true, newPosition(1, 3), 3},
		{"the next one", []move{begin, end}, false, begin, true, newPosition(2, 0), 3},
		{"nothing runs after it", []move{begin, finish(0), end}, false, owns(1), false, Idle, 3},

		{"the rest is offered", []move{begin, finish(0)}, false, offer, true, newPosition(1, 1) | restOffered, 3},
		{"no rest behind the last one", []move{begin, finish(0), finish(1)}, false, offer, false, newPosition(1, 2), 3},
		{"no rest behind all", []move{begin, finish(0), finish(1), finish(2)}, false, offer, false, newPosition(1, 3), 3},
		{"not behind a worker that moved on", []move{begin, finish(0)}, true, offer, false, newPosition(1, 1), 3},
		{"not behind a batch that ended", []move{begin, end}, true, offer, false, Idle, 3},
		{"not of an idle batch", []move{begin, end}, false, offer, false, Idle, 3},
		{"not twice", []move{begin, offer}, false, offer, false, newPosition(1, 0) | restOffered, 3},
		{"the batch ends behind an offer", []move{begin, finish(0), offer}, false, owns(1), true, newPosition(1, 1), 2},
		{"and where the worker moves on", []move{begin, finish(0), offer}, false, finish(1), true, newPosition(1, 2), 2},

		{"a handler is abandoned", []move{begin, finish(0)}, false, abandon, true, Abandoned, 3},
		{"with an offer behind it", []move{begin, offer}, false, abandon, true, Abandoned, 3},
		{"not one that returned", []move{begin, finish(0)}, true, abandon, false, newPosition(1, 1), 3},
		{"not in another batch", []move{begin, end, begin}, true, abandon, false, newPosition(2, 0), 3},
		{"not in an idle batch", nil, false, abandon, false, Idle, 0},
		{"no handler twice", []move{begin, abandon}, false, abandon, false, Abandoned, 3},
		{"an abandoned batch is not the worker's", []move{begin, abandon}, false, owns(0), false, Abandoned, 3},
		{"and its late result counts for nothing", []move{begin, abandon}, false, finish(0), false, Abandoned, 3},
		{"its worker goes on", []move{begin, abandon, end}, false, begin, true, newPosition(2, 0), 3},

		{"nothing is finished", []move{begin}, false, settleTo(0), false, newPosition(1, 0), 3},
		{"what is finished is settled", []move{begin, finish(0)}, false, settleTo(1), true, newPosition(1, 1), 3},
		{"once", []move{begin, finish(0), settleTo(1)}, false, settleTo(1), false, newPosition(1, 1), 3},
		{"not of another batch", []move{begin, finish(0), end, begin}, true, settleTo(1), false, newPosition(2, 0), 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := new(Batch[handled])
			b.Init()
			seen := b.Position()
			for i, m := range c.until {
				if i < len(c.until)-1 || !c.late {
					m.call(b, seen)
					seen = b.Position()
				} else if i > 0 {
					seen = b.Position()
					m.call(b, seen)
				}
			}
			if got := c.try.call(b, seen); got != c.want {
				t.Errorf("%s reports %t", c.try.name, got)
			}
			if at := b.Position(); at != c.at {
				t.Errorf("the position is %x, want %x", at, c.at)
			}
			if n := len(b.Deliveries()); n != c.left {
				t.Errorf("the batch has %d deliveries, want %d", n, c.left)
			}
		})
	}
}

// TestLeasesOfABatch: the keeper renews what is neither settled nor offered nor abandoned, and tells the handlers of what was
// lost.
func TestLeasesOfABatch(t *testing.T) {
	b := new(Batch[handled])
	b.Init()
	if l := b.Leased(); len(l.Deliveries) > 0 {
		t.Error("an idle batch has leases")
	}
	b.Begin(numbered(1, 5))
	b.Finish(0)
	b.Finish(1)
	b.MarkStarted(3)
	b.LockSettling()
	_, ds := b.Unsettled(b.PositionOf(1))
	b.MarkSettled(1)
	b.UnlockSettling()
	if at := places(ds); !slices.Equal(at, []int{0}) {
		t.Errorf("in front of 1 stand %v", at)
	}
	l := b.Leased()
	if at := places(l.Deliveries); !slices.Equal(at, []int{1, 2, 3, 4}) || l.Started != 2 {
		t.Errorf("leased are %v, %d of them in front of the mark", at, l.Started)
	}
	b.MarkSettled(2)
	b.LoseLeases(l, func(d *contract.Delivery) bool { return d.Hops == 1 }, func(c *handled) { c.told = true })
	if b.HasLost() {
		t.Error("a delivery counts as lost that was settled meanwhile")
	}
	b.LoseLeases(l, func(d *contract.Delivery) bool { return d.Hops == 2 }, func(c *handled) { c.told = true })
	if !b.HasLost() || !b.Context(2).told || b.Context(1).told || b.Context(3).told {
		t.Error("the handler of a lost delivery, and no other, is told")
	}
	if rest := b.Offer(b.Position()); !slices.Equal(places(rest), []int{3, 4}) {
		t.Errorf("offered are %v", places(rest))
	}
	if at := places(b.Leased().Deliveries); !slices.Equal(at, []int{2}) {
		t.Errorf("beside the offer, leased are %v", at)
	}
	if ds, _, ok := b.Abandon(b.Position()); !ok || !slices.Equal(places(ds), []int{0, 1, 2}) {
		t.Errorf("abandoned are %v", places(ds))
	}
	if l := b.Leased(); len(l.Deliveries) > 0 {
		t.Error("an abandoned batch has leases")
	}
	b.End()
	b.Begin(numbered(2, 1))
	b.LoseLeases(l, func(*contract.Delivery) bool { return true }, func(c *handled) { c.told = true })
	if b.HasLost() || b.Context(0).told {
		t.Error("what is lost of a batch counts for the next one")
	}
	if b.ContextsAt(newPosition(1, 0)) != nil || &b.ContextsAt(b.Position())[0] != b.Context(0) {
		t.Error("a context is found at the wrong position")
	}
}
