package topology

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// maxGroups bounds how many kinds of stored events a snapshot tells apart: names come from anybody.
const maxGroups = 20_000

// statesPage is how many records of states are read at a time.
const statesPage = 100

// Take looks at a backend, and counts at most limit stored events and as many records of states; 0 is all of them. It changes nothing.
func Take(ctx context.Context, b contract.Backend, limit int) (*Snapshot, error) {
	inspector, ok := b.(contract.Inspector)
	if !ok {
		return nil, fmt.Errorf("this backend shows no stored events: %T is no contract.Inspector", b)
	}
	t := taker{ctx: ctx, limit: limit, s: &Snapshot{Kind: snapshotKind, Format: snapshotFormat, Taken: time.Now().UTC(),
		Organs: []BoundOrgan{}, Stored: []StoredEvents{}, States: []StoredStates{}, Schedules: []BoundSchedule{}}}
	if err := t.takeOrgans(inspector); err != nil {
		return nil, err
	}
	if err := t.takeStored(inspector); err != nil {
		return nil, err
	}
	if states, ok := b.(contract.StatefulBackend); ok {
		if err := t.takeStates(states); err != nil {
			return nil, err
		}
	}
	if ticking, ok := b.(contract.TickingBackend); ok {
		if err := t.takeSchedules(ticking); err != nil {
			return nil, err
		}
	}
	return t.s, nil
}

type taker struct {
	ctx   context.Context
	limit int
	s     *Snapshot
}

// takeOrgans notes the organs, and how much there is to count.
func (t *taker) takeOrgans(b contract.Inspector) error {
	health := b.Health(t.ctx)
	if health.Err != nil {
		return health.Err
	}
	bound, err := b.Bound(t.ctx)
	if err != nil {
		return err
	}
	policies, err := t.policies(b)
	if err != nil {
		return err
	}
	for _, h := range health.Organs {
		o := BoundOrgan{Name: h.Organ, Identity: h.Identity, Consumers: h.Consumers, Waiting: h.Ready + h.Leased, Scheduled: h.Scheduled, Dead: h.Dead, Policy: policies[h.Organ], Events: []string{}}
		for _, event := range slices.Sorted(maps.Keys(bound)) {
			if slices.Contains(bound[event], h.Organ) {
				o.Events = append(o.Events, event)
			}
		}
		t.s.Organs = append(t.s.Organs, o)
		t.s.Total += h.Ready + h.Leased + h.Scheduled + h.Dead
	}
	for _, p := range health.Parked {
		t.s.Total += p.Parked
	}
	t.s.Total += health.Delayed
	slices.SortFunc(t.s.Organs, func(a, b BoundOrgan) int { return cmp.Compare(a.Name, b.Name) })
	return nil
}

// policies returns the orders of the organs, where the backend tells them.
func (t *taker) policies(b contract.Inspector) (map[string]*BoundPolicy, error) {
	if l, ok := b.(contract.LaneBackend); ok {
		t.s.KeepsLanes = l.KeepsLanes()
	}
	i, ok := b.(contract.BindingInspector)
	if !ok {
		return nil, nil
	}
	bindings, err := i.Bindings(t.ctx)
	policies := map[string]*BoundPolicy{}
	for name, bound := range bindings {
		policies[name] = &BoundPolicy{Order: OrderText(bound.Order), Exclusive: bound.Exclusive, Lanes: bound.Lanes}
	}
	return policies, err
}

// groupKey tells groups of stored events apart.
type groupKey struct {
	organ, event, place string
	version             int
}

// takeStored counts what is stored. Events come and go meanwhile, so that there may be more than there were at first.
func (t *taker) takeStored(b contract.Inspector) error {
	groups := map[groupKey]*StoredEvents{}
	err := b.EachStored(t.ctx, func(stored contract.Stored) bool {
		if t.s.Cut = t.limit > 0 && t.s.Looked == t.limit; t.s.Cut {
			return false
		}
		t.s.Looked++
		m := &stored.Message
		key := groupKey{stored.Organ, m.Type.Name, placeOf(stored.Place), m.Type.Version}
		g := groups[key]
		switch {
		case g == nil && len(groups) == maxGroups:
			t.s.Uncounted++
			return true
		case g == nil:
			g = &StoredEvents{Organ: key.organ, Event: key.event, Version: key.version, Place: key.place, Oldest: utcOf(m.Nanos)}
			groups[key] = g
		}
		g.Count++
		if at := utcOf(m.Nanos); at.Before(g.Oldest) {
			g.Oldest = at
		}
		return true
	})
	for _, g := range groups {
		t.s.Stored = append(t.s.Stored, *g)
	}
	slices.SortFunc(t.s.Stored, func(a, b StoredEvents) int {
		return cmp.Or(cmp.Compare(a.Organ, b.Organ), cmp.Compare(a.Event, b.Event), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Place, b.Place))
	})
	t.s.Total = max(t.s.Total, t.s.Looked)
	return err
}

func placeOf(place string) string {
	switch place {
	case contract.PlaceScheduled:
		return PlaceScheduled
	case contract.PlaceDead:
		return PlaceDead
	case contract.PlaceParked:
		return PlaceParked
	}
	return PlaceWaiting
}

// takeStates counts the records of all organs by their versions.
func (t *taker) takeStates(b contract.StatefulBackend) error {
	looked := 0
	for _, o := range t.s.Organs {
		counts := map[int]int{}
		for after, first := "", true; (first || after != "") && !t.s.StatesCut; first = false {
			page, next, err := b.RangeStates(t.ctx, o.Name, after, statesPage)
			if err != nil {
				return fmt.Errorf("states of organ %s: %w", o.Name, err)
			}
			for _, record := range page {
				if t.s.StatesCut = t.limit > 0 && looked == t.limit; t.s.StatesCut {
					break
				}
				looked++
				counts[record.Version]++
			}
			after = next
		}
		for _, version := range slices.Sorted(maps.Keys(counts)) {
			t.s.States = append(t.s.States, StoredStates{o.Name, version, counts[version]})
		}
	}
	return nil
}

func (t *taker) takeSchedules(b contract.TickingBackend) error {
	records, err := b.Schedules(t.ctx)
	for _, r := range records {
		t.s.Schedules = append(t.s.Schedules, BoundSchedule{r.Schedule, r.Bound})
	}
	return err
}
