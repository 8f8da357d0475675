package necroctl

import (
	"cmp"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/necrostack/necrogen/internal/operate"
	"github.com/necrostack/necrogen/runtime/contract"
)

// maxLinks bounds how much of a chain is held in memory.
const maxLinks = 10_000

func chainFlags(o *options, flags *flag.FlagSet) {
	outputFlag(o, flags)
	flags.IntVar(&o.limit, "limit", 1_000_000, "look through at most so many stored events; 0 for all")
}

// link is an event of a chain, with where it stands.
type link struct {
	storedEvent
	Places []place `json:"places"`
}

// place is where an event stands: for an organ, or in a park.
type place struct {
	Place string `json:"place"`
	Organ string `json:"organ,omitempty"`
}

// showChain shows a chain as a tree. The id may be that of any event of it that is still stored.
func (r *run) showChain(words []string) int {
	id, err := contract.ParseID(words[0])
	if err != nil {
		return r.tellMisuse(err)
	}
	s := search{run: r, id: id, correlation: id}
	if err = s.scanStored(); err == nil && s.correlation != id { // it is not the chain's, but an event's
		err = s.scanStored()
	}
	switch {
	case err != nil:
		return r.tellFailure(err)
	case len(s.list) == 0 && s.cut:
		return r.tellFailure(fmt.Errorf("no event of the chain %s is among the first %d that are stored: -limit 0 searches all", id, r.limit))
	case len(s.list) == 0:
		return r.tellFailure(fmt.Errorf("no event of the chain %s is stored: all were handled, or there is no such chain", id))
	}
	slices.SortStableFunc(s.list, func(a, b *link) int { return cmp.Or(cmp.Compare(a.Hops, b.Hops), a.Time.Compare(b.Time)) })
	code := ExitDone
	if r.output == "json" {
		code = r.printJSON(s.list)
	} else {
		code = newTree(r, s.list).printRoots(s.correlation)
	}
	if s.full {
		r.printNote("the chain has more than %d stored events: only the first of them are shown", maxLinks)
	} else if s.cut {
		r.printNote("only the first %d stored events were searched: -limit 0 searches all", r.limit)
	}
	return code
}

// search collects the stored events of a chain.
type search struct {
	run             *run
	id, correlation contract.ID
	list            []*link
	cut, full       bool // more is stored than it may look at, or hold
}

// scanStored goes through the stored events once. When the wanted id turns out to be that of an event of another
// chain, it notes that chain and returns, and the caller scans again.
func (s *search) scanStored() error {
	b, err := backendAs[contract.Inspector](s.run)
	if err != nil {
		return err
	}
	byID := map[contract.ID]*link{}
	n := 0
	s.cut = false
	return b.EachStored(s.run.ctx, func(stored contract.Stored) bool {
		m := &stored.Message
		if n++; s.run.limit > 0 && n > s.run.limit {
			s.cut = true
			return false
		}
		if m.ID == s.id && m.Correlation != s.correlation {
			s.correlation, s.list = m.Correlation, nil
			return false
		}
		if m.Correlation != s.correlation {
			return true
		}
		l := byID[m.ID]
		if l == nil && len(s.list) == maxLinks {
			s.full = true
			return false
		}
		if l == nil {
			l = &link{storedEvent: s.trimEvent(m)}
			byID[l.ID] = l
			s.list = append(s.list, l)
		}
		l.Places = append(l.Places, place{stored.Place, stored.Organ})
		return true
	})
}

// trimEvent copies the parts of an event that the tree shows, so that the page of the backend can be freed.
func (s *search) trimEvent(m *contract.Message) storedEvent {
	m.Key = strings.Clone(m.Key)
	if s.run.output != "json" {
		m.Payload, m.Headers = nil, nil
	}
	return eventOf(m)
}

// tree prints links below their parents.
type tree struct {
	r       *run
	list    []*link
	below   map[contract.ID][]*link // by their parent
	begin   time.Time
	printed map[contract.ID]bool
}

func newTree(r *run, list []*link) *tree {
	t := &tree{r: r, list: list, below: map[contract.ID][]*link{}, begin: list[0].Time, printed: map[contract.ID]bool{}}
	for _, l := range list {
		if l.Causation != nil {
			t.below[*l.Causation] = append(t.below[*l.Causation], l)
		}
	}
	return t
}

// printRoots prints the events whose parent is not stored, below a line that stands for the parent.
func (t *tree) printRoots(correlation contract.ID) int {
	stored := map[contract.ID]bool{}
	for _, l := range t.list {
		stored[l.ID] = true
	}
	for _, l := range t.list {
		switch {
		case t.printed[l.ID]:
		case l.Causation == nil:
			t.printLink(l, 0)
		case !stored[*l.Causation]:
			note := "handled"
			if *l.Causation == correlation {
				note = "the chain's first event, handled"
			}
			fmt.Fprintf(t.r.out, "(%s: %s)\n", *l.Causation, note)
			t.printChildren(*l.Causation, 1)
		}
	}
	for _, l := range t.list { // such that emitted each other, as no program of ours writes
		if !t.printed[l.ID] {
			t.printLink(l, 0)
		}
	}
	return ExitDone
}

func (t *tree) printLink(l *link, depth int) {
	t.printed[l.ID] = true
	var places []string
	for _, p := range l.Places {
		text := p.Place
		if p.Organ != "" {
			text += ": " + p.Organ
		}
		places = append(places, text)
	}
	fmt.Fprintf(t.r.out, "%s%s %s %s +%s (%s)\n", strings.Repeat("  ", depth), operate.OneLine(l.Type), l.ID,
		l.Time.Format("15:04:05.000"), max(l.Time.Sub(t.begin), 0).Round(time.Millisecond), operate.OneLine(strings.Join(places, ", ")))
	t.printChildren(l.ID, depth+1)
}

// printChildren prints the events that were emitted for one event.
func (t *tree) printChildren(parent contract.ID, depth int) {
	for _, l := range t.below[parent] {
		if !t.printed[l.ID] {
			t.printLink(l, depth)
		}
	}
}
