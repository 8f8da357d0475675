// Package timetable prints when the schedules of a topology fire.
package timetable

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/schedule"
)

// Write writes each schedule with its next runs behind a time, and whether it did.
func Write(w io.Writer, g *graph.Graph, from time.Time, runs int) error {
	out := bufio.NewWriter(w)
	any := false
	for _, e := range g.Events {
		if e.Every == nil {
			continue
		}
		if any {
			fmt.Fprintln(out)
		}
		any = true
		if err := writeSchedule(out, e.Name, e.Every, from, runs); err != nil {
			return err
		}
	}
	if !any {
		fmt.Fprintln(out, "no event has a schedule: see necrogen help schedules")
	}
	return out.Flush()
}

func writeSchedule(out *bufio.Writer, event string, e *model.Every, from time.Time, runs int) error {
	plan, err := schedule.Parse(e.Expression, e.Zone)
	if err != nil {
		return fmt.Errorf("schedule of %s: %w", event, err)
	}
	text, zone := e.Expression, " in "+cmp.Or(e.Zone, "UTC")
	if schedule.IsCron(text) {
		text = strconv.Quote(text)
	} else {
		zone = ""
	}
	fmt.Fprintf(out, "%s every %s%s, catchup=%s", event, text, zone, cmp.Or(e.Catchup, "last"))
	if e.Jitter > 0 {
		fmt.Fprintf(out, ", up to %s late", e.Jitter)
	}
	fmt.Fprintln(out)
	tick := from
	for range runs {
		if tick = plan.Next(tick); tick.IsZero() {
			break
		}
		fmt.Fprintln(out, "\t"+tick.Format("Mon 2006-01-02 15:04:05 -0700"))
	}
	const years = 1
	for _, change := range plan.ClockChanges(from, years) {
		says := "does not exist: it fires at " + change.Fires.Format("15:04")
		if change.Exists {
			says = "comes twice: it fires the first time"
		}
		fmt.Fprintf(out, "\tthe clock changes: %s %s\n", change.Local, says)
	}
	return nil
}
