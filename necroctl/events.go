package necroctl

import (
	"flag"
	"maps"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/runtime/contract"
)

// event is a row of events.
type event struct {
	Event     string   `json:"event"`
	Organs    []string `json:"organs"`
	Waiting   int      `json:"waiting"` // ready, leased or held back, in all organs
	Scheduled int      `json:"scheduled"`
	Dead      int      `json:"dead"`
	Parked    int      `json:"parked"`
	Dropped   int      `json:"dropped"` // let go because the park was full
}

func eventsFlags(o *options, flags *flag.FlagSet) {
	outputFlag(o, flags)
	flags.IntVar(&o.limit, "limit", 100_000, "count at most so many stored events; 0 for all")
}

func (r *run) listEvents([]string) int {
	b, err := backendAs[contract.Inspector](r)
	if err != nil {
		return r.tellFailure(err)
	}
	bound, err := b.Bound(r.ctx)
	if err != nil {
		return r.tellFailure(err)
	}
	rows := map[string]*event{}
	row := func(name string) *event {
		if rows[name] == nil {
			rows[name] = &event{Event: name, Organs: append([]string{}, bound[name]...)}
		}
		return rows[name]
	}
	for name := range bound {
		row(name)
	}
	cut, err := r.countEvents(b, row)
	if err != nil {
		return r.tellFailure(err)
	}
	health := r.backend.Health(r.ctx)
	if health.Err != nil {
		return r.tellFailure(health.Err)
	}
	for _, p := range health.Parked {
		row(p.Event).Parked, row(p.Event).Dropped = p.Parked, p.Dropped
	}
	var list []event
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		list = append(list, *rows[name])
	}
	code := printRows(r, list, "EVENT WAITING SCHEDULED DEAD PARKED DROPPED ORGANS", func(e event) []any {
		return []any{e.Event, e.Waiting, e.Scheduled, e.Dead, e.Parked, e.Dropped, strings.Join(e.Organs, " ")}
	})
	if cut {
		r.printNote("there are more than %d stored events, the others are not counted: -limit 0 counts all", r.limit)
	}
	return code
}

// countEvents counts the stored events, and says whether it stopped at the limit.
func (r *run) countEvents(b contract.Inspector, row func(string) *event) (cut bool, err error) {
	n := 0
	err = b.EachStored(r.ctx, func(s contract.Stored) bool {
		if n++; r.limit > 0 && n > r.limit {
			cut = true
			return false
		}
		switch e := row(s.Message.Type.Name); s.Place {
		case contract.PlaceScheduled:
			e.Scheduled++
		case contract.PlaceDead:
			e.Dead++
		case contract.PlaceParked: // Health has the exact number
		default:
			e.Waiting++
		}
		return true
	})
	return cut, err
}
