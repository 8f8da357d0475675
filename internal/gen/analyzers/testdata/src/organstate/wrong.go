package organstate

import (
	"context"

	necro "github.com/necrostack/necrogen/runtime"
)

type (
	Order struct {
		ID     string
		Amount int
	}
	Line struct{ ID string }
)

/* want `necro/organstate: organ Raced keeps state in memory, in count, seen, totals, and is not exclusive: every process that runs it has a state of its own` */ //necro:organ concurrency=4
type Raced struct {
	count  int
	seen   map[string]bool
	totals totals
	lines  []Line
	client *client
	cache  map[string]*client
	hosts  [2]string
}

type totals struct{ amount int }

type client struct{}

//necro:handle
func (r *Raced) Count(_ context.Context, o *Order) {
	r.count++ // want `necro/organstate: Count writes the field count of Raced without a lock, and concurrency=4 lets handlers run at a time\n\thint: hold a sync.Mutex`
	r.count++
	r.seen[o.ID] = true // want `Count writes the field seen`
	r.totals.add(o)
	if r.client == nil {
		r.client = connect(o.ID) // want `Count writes the field client`
	}
	r.cache[o.ID] = connect(o.ID) // want `Count writes the field cache`
	func() {
		r.hosts[1] = "b" // want `Count writes the field hosts`
	}()
	r.lines[0].ID = "" // want `Count writes the field lines`
}

func (t *totals) add(o *Order) {
	t.amount += o.Amount // want `Count writes the field totals of Raced`
}

func connect(string) *client { return nil }

type (
	/* want `organ Grouped keeps state in memory, in last, sums, ids, recent, positions, total, and is not exclusive` */ //necro:organ
	Grouped struct {
		last      Order
		sums      map[string]int
		ids       map[necro.ID]struct{}
		recent    []string
		positions map[string]int
		total     int
	}
)

//necro:handle
func (g *Grouped) Handle(ctx context.Context, o *Order) error {
	meta, _ := necro.MetaFrom(ctx)
	if g.last.ID == o.ID {
		return nil
	}
	g.last = *o
	g.sums[o.ID] += o.Amount
	g.ids[meta.ID] = struct{}{}
	g.recent = append(g.recent, o.ID)
	if len(g.recent) > 10 {
		g.recent = g.recent[1:]
	}
	before := g.positions[o.ID]
	now := before + o.Amount
	g.positions[o.ID] = now
	g.total = max(g.total, o.Amount)
	return nil
}
