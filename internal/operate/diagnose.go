package operate

import (
	"context"
	"fmt"
	"time"

	"github.com/necrostack/necrogen/internal/schedule"
	"github.com/necrostack/necrogen/runtime/contract"
)

// FindAll returns what the backend finds, severe findings first, and behind it the schedules that no process keeps.
func FindAll(ctx context.Context, b contract.Backend) ([]contract.Finding, error) {
	found, err := findInBackend(ctx, b)
	if err != nil {
		return nil, err
	}
	return append(found, findSchedules(ctx, b)...), nil
}

// findInBackend returns what the backend finds or, where it is no Inspector, what its health shows.
func findInBackend(ctx context.Context, b contract.Backend) ([]contract.Finding, error) {
	if inspector, ok := b.(contract.Inspector); ok {
		return inspector.Diagnose(ctx)
	}
	h := b.Health(ctx)
	return h.Findings(), h.Err
}

// TickAfter returns the first tick of a schedule behind a time, and the zero time when there is none.
func TickAfter(record *contract.ScheduleRecord, nanos int64) time.Time {
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
func findSchedules(ctx context.Context, backend contract.Backend) (found []contract.Finding) {
	b, ok := backend.(contract.TickingBackend)
	if !ok {
		return nil
	}
	records, err := b.Schedules(ctx)
	if err != nil { // as of a server that programs refuse for its settings
		return []contract.Finding{{Subject: "schedules", Problem: "they cannot be listed: " + err.Error(), Mend: "mend what else is found, and look again"}}
	}
	for i := range records {
		s := &records[i]
		first := TickAfter(s, s.FiredUpTo)
		if first.IsZero() {
			continue
		}
		if second := TickAfter(s, first.UnixNano()); second.IsZero() || time.Since(second) < dueFor {
			continue
		}
		found = append(found, contract.Finding{
			Subject: "schedule " + s.Schedule,
			Problem: fmt.Sprintf("it has fired up to %s, its tick of %s is due, and no process has named it since %s",
				formatNanos(s.FiredUpTo), first.Format(time.RFC3339), formatNanos(s.Named)),
			Mend: fmt.Sprintf("start a program with an organ that handles the event. If its %s was removed: it is forgotten 30 days after that", s.Bound),
		})
	}
	return found
}

func formatNanos(nanos int64) string { return time.Unix(0, nanos).UTC().Format(time.RFC3339) }

// dueFor is how long the second tick has been due of a schedule that nobody keeps.
const dueFor = 5 * time.Minute
