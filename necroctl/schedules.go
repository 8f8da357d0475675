package necroctl

import (
	"fmt"
	"time"

	"github.com/necrostack/necrogen/internal/schedule"
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
			next, in = s.Next.Format(time.RFC3339), formatAge(time.Until(*s.Next))
		}
		return []any{s.Event, s.Every, s.Last.Format(time.RFC3339), next, in}
	})
}

// showSchedule returns a schedule with its next tick.
func showSchedule(record *contract.ScheduleRecord) keptSchedule {
	s := keptSchedule{Event: record.Schedule, Every: record.Bound, Last: timeOf(record.FiredUpTo), Named: timeOf(record.Named)}
	if next := tickAfter(record, record.FiredUpTo); !next.IsZero() {
		s.Next = &next
	}
	return s
}

func timeOf(nanos int64) time.Time { return time.Unix(0, nanos).UTC() }

// tickAfter returns the first tick behind a time, and the zero time when there is none.
func tickAfter(record *contract.ScheduleRecord, nanos int64) time.Time {
	every, err := contract.ParseSchedule(record.Bound)
	if err != nil {
		return time.Time{}
	}
	plan, err := schedule.Parse(every.Expression, every.Zone)
	if err != nil {
		return time.Time{}
	}
	if next := plan.Next(time.Unix(0, nanos)); !next.IsZero() {
		return next.UTC()
	}
	return time.Time{}
}

// findSchedules returns a finding for each schedule of which two ticks are due that were not fired. One that is due may have
// jitter, or a process that is about to fire it.
func (r *run) findSchedules() (found []contract.Finding) {
	b, ok := r.backend.(contract.TickingBackend)
	if !ok {
		return nil
	}
	records, err := b.Schedules(r.ctx)
	if err != nil { // as of a server that programs refuse for its settings
		return []contract.Finding{{Subject: "schedules", Problem: "they cannot be listed: " + err.Error(), Mend: "mend what else is found, and look again"}}
	}
	for i := range records {
		s := &records[i]
		first := tickAfter(s, s.FiredUpTo)
		if first.IsZero() {
			continue
		}
		if second := tickAfter(s, first.UnixNano()); second.IsZero() || time.Since(second) < dueFor {
			continue
		}
		found = append(found, contract.Finding{
			Subject: "schedule " + s.Schedule,
			Problem: fmt.Sprintf("it has fired up to %s, its tick of %s is due, and no process has named it since %s",
				timeOf(s.FiredUpTo).Format(time.RFC3339), first.Format(time.RFC3339), timeOf(s.Named).Format(time.RFC3339)),
			Mend: fmt.Sprintf("start a program with an organ that handles the event. If its %s was removed: it is forgotten 30 days after that", s.Bound),
		})
	}
	return found
}

// dueFor is how long the second tick has been due of a schedule that nobody keeps.
const dueFor = 5 * time.Minute
