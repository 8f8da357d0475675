package necroctl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
)

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

// chain shows a chain as a tree. The id may be that of any event of it that is still stored.
func (r *run) chain(words []string) int {
	id, err := necro.ParseID(words[0])
	if err != nil {
		return r.misuse(err)
	}
	correlation := id
	err = r.backend.EachStored(r.ctx, func(s redisstream.Stored) bool {
		if s.Message.ID == id {
			correlation = s.Message.Correlation
		}
		return s.Message.ID != id
	})
	var list []*link
	if err == nil {
		list, err = r.links(correlation)
	}
	switch {
	case err != nil:
		return r.fail(err)
	case len(list) == 0:
		return r.fail(fmt.Errorf("no event of the chain %s is stored: all were handled, or there is no such chain", id))
	case r.output == "json":
		return r.json(list)
	}
	t := tree{r: r, list: list, begin: list[0].Time}
	t.roots(correlation)
	return ExitDone
}

// links returns the stored events of a chain, oldest first.
func (r *run) links(correlation necro.ID) (list []*link, err error) {
	byID := map[necro.ID]*link{}
	err = r.backend.EachStored(r.ctx, func(s redisstream.Stored) bool {
		if s.Message.Correlation != correlation {
			return true
		}
		l := byID[s.Message.ID]
		if l == nil {
			l = &link{storedEvent: eventOf(&s.Message)}
			byID[l.ID] = l
			list = append(list, l)
		}
		l.Places = append(l.Places, place{s.Place, s.Organ})
		return true
	})
	slices.SortStableFunc(list, func(a, b *link) int { return cmp.Or(int(a.Hops-b.Hops), a.Time.Compare(b.Time)) })
	return list, err
}

// tree prints links below their parents.
type tree struct {
	r     *run
	list  []*link
	begin time.Time
}

// roots prints the events whose parent is not stored below a line that stands for it.
func (t *tree) roots(correlation necro.ID) {
	stored := map[necro.ID]bool{}
	for _, l := range t.list {
		stored[l.ID] = true
	}
	told := map[necro.ID]bool{}
	for _, l := range t.list {
		switch {
		case l.Causation == nil:
			t.print(l, 0)
		case !stored[*l.Causation] && !told[*l.Causation]:
			told[*l.Causation] = true
			note := "handled"
			if *l.Causation == correlation {
				note = "the chain's first event, handled"
			}
			fmt.Fprintf(t.r.out, "(%s: %s)\n", *l.Causation, note)
			t.below(*l.Causation, 1)
		}
	}
}

func (t *tree) print(l *link, depth int) {
	var places []string
	for _, p := range l.Places {
		text := p.Place
		if p.Organ != "" {
			text += ": " + p.Organ
		}
		places = append(places, text)
	}
	fmt.Fprintf(t.r.out, "%s%s %s %s +%s (%s)\n", strings.Repeat("  ", depth), oneLine(l.Type), l.ID,
		l.Time.Format("15:04:05.000"), max(l.Time.Sub(t.begin), 0).Round(time.Millisecond), strings.Join(places, ", "))
	t.below(l.ID, depth+1)
}

// below prints the events that one emitted.
func (t *tree) below(parent necro.ID, depth int) {
	for _, l := range t.list {
		if l.Causation != nil && *l.Causation == parent && l.ID != parent {
			t.print(l, depth)
		}
	}
}
