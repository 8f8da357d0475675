package necroctl

import (
	"time"

	"github.com/necrostack/necrogen/internal/operate"
	"github.com/necrostack/necrogen/runtime/contract"
)

// keptSchedule is a schedule for scripts.
type keptSchedule struct {
	Event string     `json:"event"` // its first name
	Every string     `json:"every"` // as a //necro:every comment says it
	Last  time.Time  `json:"last"`  // nominal time of the tick that was fired or left out last
	Next  *time.Time `json:"next"`  // null when no tick follows, or this program cannot read the schedule
	Named time.Time  `json:"named"` // when a process named it last
}

// listSchedules lists the schedules that the backend knows.
func (r *run) listSchedules([]string) int {
	b, err := backendAs[contract.TickingBackend](r)
	if err != nil {
		return r.tellFailure(err)
	}
	records, err := b.Schedules(r.ctx)
	if err != nil {
		return r.tellFailure(err)
	}
	var list []keptSchedule
	for i := range records {
		list = append(list, showSchedule(&records[i]))
	}
	return printRows(r, list, "EVENT EVERY LAST NEXT IN", func(s keptSchedule) []any {
		next, in := "-", "-"
		if s.Next != nil {
			next, in = s.Next.Format(time.RFC3339), operate.FormatAge(time.Until(*s.Next))
		}
		return []any{s.Event, s.Every, s.Last.Format(time.RFC3339), next, in}
	})
}

// showSchedule returns a schedule with its next tick.
func showSchedule(record *contract.ScheduleRecord) keptSchedule {
	s := keptSchedule{Event: record.Schedule, Every: record.Bound, Last: timeOf(record.FiredUpTo), Named: timeOf(record.Named)}
	if next := operate.TickAfter(record, record.FiredUpTo); !next.IsZero() {
		s.Next = &next
	}
	return s
}

func timeOf(nanos int64) time.Time { return time.Unix(0, nanos).UTC() }
