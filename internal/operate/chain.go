package operate

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/runtime/contract"
)

// MaxLinks bounds how much of a chain is held in memory.
const MaxLinks = 10_000

// Link is an event of a chain, with the places where it is stored.
type Link struct {
	Message contract.Message
	Places  []Place
}

// Place is where an event stands: for an organ, or in a park.
type Place struct {
	Place string `json:"place"`
	Organ string `json:"organ,omitempty"`
}

// Chain has the stored events of a chain, in the order of hops and times.
type Chain struct {
	Correlation contract.ID
	Links       []*Link
	Cut         bool // more events are stored than were looked at
	Full        bool // the chain has more than MaxLinks
}

// FindChain looks through the stored events, most of them at most and all with 0, for the chain with an id or of the event with an
// id. trim takes away what the caller does not need of an event; it may be nil.
func FindChain(ctx context.Context, b contract.Inspector, id contract.ID, most int, trim func(*contract.Message)) (*Chain, error) {
	c := &Chain{Correlation: id}
	err := c.scanStored(ctx, b, id, most, trim)
	if err == nil && c.Correlation != id { // it is not the chain's, but an event's
		err = c.scanStored(ctx, b, id, most, trim)
	}
	slices.SortStableFunc(c.Links, func(x, y *Link) int {
		return cmp.Or(cmp.Compare(x.Message.Hops, y.Message.Hops), cmp.Compare(x.Message.Nanos, y.Message.Nanos))
	})
	return c, err
}

// scanStored goes through the stored events once. When the wanted id turns out to be that of an event of another
// chain, it notes that chain and returns, and the caller scans again.
func (c *Chain) scanStored(ctx context.Context, b contract.Inspector, id contract.ID, most int, trim func(*contract.Message)) error {
	byID := map[contract.ID]*Link{}
	n := 0
	c.Cut = false
	return b.EachStored(ctx, func(stored contract.Stored) bool {
		m := &stored.Message
		if n++; most > 0 && n > most {
			c.Cut = true
			return false
		}
		if m.ID == id && m.Correlation != c.Correlation {
			c.Correlation, c.Links = m.Correlation, nil
			return false
		}
		if m.Correlation != c.Correlation {
			return true
		}
		l := byID[m.ID]
		if l == nil && len(c.Links) == MaxLinks {
			c.Full = true
			return false
		}
		if l == nil {
			l = &Link{Message: *m}
			l.Message.Key = strings.Clone(m.Key) // so that the page of the backend can be freed
			if trim != nil {
				trim(&l.Message)
			}
			byID[m.ID] = l
			c.Links = append(c.Links, l)
		}
		l.Places = append(l.Places, Place{stored.Place, stored.Organ})
		return true
	})
}

// ChainRow is a line of a chain that is shown as a tree.
type ChainRow struct {
	Depth int
	Link  *Link       // nil for an event that is not stored any more
	ID    contract.ID // of the event
}

// Rows returns each stored event once, below its parent. An event whose parent is not stored stands below a row for that.
func (c *Chain) Rows() []ChainRow {
	t := tree{below: map[contract.ID][]*Link{}, shown: map[contract.ID]bool{}}
	stored := map[contract.ID]bool{}
	for _, l := range c.Links {
		stored[l.Message.ID] = true
		if parent := l.Message.Causation; !parent.IsZero() {
			t.below[parent] = append(t.below[parent], l)
		}
	}
	for _, l := range c.Links {
		switch parent := l.Message.Causation; {
		case t.shown[l.Message.ID]:
		case parent.IsZero():
			t.addLink(l, 0)
		case !stored[parent]:
			t.rows = append(t.rows, ChainRow{0, nil, parent})
			t.addChildren(parent, 1)
		}
	}
	for _, l := range c.Links { // such that emitted each other, as no program of ours writes
		if !t.shown[l.Message.ID] {
			t.addLink(l, 0)
		}
	}
	return t.rows
}

// tree collects the rows of a chain.
type tree struct {
	below map[contract.ID][]*Link // by their parent
	shown map[contract.ID]bool
	rows  []ChainRow
}

func (t *tree) addLink(l *Link, depth int) {
	t.shown[l.Message.ID] = true
	t.rows = append(t.rows, ChainRow{depth, l, l.Message.ID})
	t.addChildren(l.Message.ID, depth+1)
}

// addChildren adds the events that were emitted for one event.
func (t *tree) addChildren(parent contract.ID, depth int) {
	for _, l := range t.below[parent] {
		if !t.shown[l.Message.ID] {
			t.addLink(l, depth)
		}
	}
}
