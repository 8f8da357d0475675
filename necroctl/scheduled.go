package necroctl

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/necrostack/necrogen/internal/operate"
	"github.com/necrostack/necrogen/runtime/contract"
)

func scheduledLsFlags(o *options, flags *flag.FlagSet) {
	outputFlag(o, flags)
	flags.StringVar(&o.filter.event, "event", "", "those with this `name`")
	flags.StringVar(&o.forKey, "key", "", "those with this `key`")
	flags.IntVar(&o.limit, "limit", 100, "at most so many; 0 for all")
}

func scheduledFlags(o *options, flags *flag.FlagSet) {
	outputFlag(o, flags)
	confirmFlags(o, flags)
}

// scheduledEvent is a delayed event for scripts.
type scheduledEvent struct {
	Due time.Time `json:"due"`
	storedEvent
}

// listScheduled lists delayed events. Those that were found before an error are shown, because the error may be of one
// partition.
func (r *run) listScheduled([]string) int {
	var list []scheduledEvent
	cut := false
	seen := map[string]bool{} // names of events
	err := r.visitScheduled(func(e contract.ScheduledEvent) (more bool) {
		m := &e.Message
		seen[m.Type.Name] = true
		if r.filter.event != "" && m.Type.Name != r.filter.event || r.forKey != "" && m.Key != r.forKey {
			return true
		}
		if cut = r.limit > 0 && len(list) == r.limit; !cut {
			list = append(list, scheduledEvent{e.Due.UTC(), eventOf(m)})
		}
		return !cut
	})
	if err == nil && len(list) == 0 {
		err = r.wantEvent(seen)
	}
	if err != nil && len(list) == 0 {
		return r.tellFailure(err)
	}
	code := printRows(r, list, "ID EVENT VERSION KEY DUE IN", func(e scheduledEvent) []any {
		return []any{e.ID, e.Type, e.Version, e.Key, e.Due.Format(time.RFC3339), operate.FormatAge(time.Until(e.Due))}
	})
	if cut {
		r.printNote("there are more than %d: -limit 0 lists all", r.limit)
	}
	if err != nil {
		return r.tellFailure(err)
	}
	return code
}

// visitScheduled calls visit with the delayed events in the order in which they are due, until it returns false.
func (r *run) visitScheduled(visit func(contract.ScheduledEvent) (more bool)) error {
	b, err := backendAs[contract.ScheduleAdmin](r)
	if err != nil {
		return err
	}
	for after := ""; ; {
		page, next, err := b.Scheduled(r.ctx, after, page)
		for _, e := range page {
			if !visit(e) {
				return err
			}
		}
		if err != nil || next == "" {
			return err
		}
		after = next
	}
}

func (r *run) runScheduled(words []string) int {
	return r.eachScheduled(words, "run", contract.ScheduleAdmin.RunScheduled)
}

func (r *run) cancelScheduled(words []string) int {
	return r.eachScheduled(words, "cancel", contract.ScheduleAdmin.Cancel)
}

// scheduledVerb is RunScheduled or Cancel of a backend.
type scheduledVerb func(contract.ScheduleAdmin, context.Context, contract.ID) (bool, error)

// scheduledDone is what run and cancel tell scripts.
type scheduledDone struct {
	Verb    string        `json:"verb"`
	Chosen  int           `json:"chosen"`
	Done    int           `json:"done"`
	Missing []contract.ID `json:"missing"`
}

// eachScheduled does something with the delayed events that are named, when that is confirmed.
func (r *run) eachScheduled(words []string, what string, do scheduledVerb) int {
	if err := r.readIDs(words); err != nil {
		return r.tellMisuse(err)
	}
	told := scheduledDone{Verb: what, Chosen: len(r.filter.ids), Missing: []contract.ID{}}
	code := ExitDone
	if !r.confirmAction(fmt.Sprintf("%s %s", what, scheduledCount(told.Chosen))) {
		code = r.exitUnconfirmed()
	} else if err := r.doScheduled(&told, do); err != nil {
		code = r.tellFailure(err)
	}
	if r.output == "json" {
		return max(code, r.printJSON(told))
	}
	if told.Done > 0 {
		fmt.Fprintf(r.out, "%s: %s\n", what, scheduledCount(told.Done))
	}
	return code
}

// doScheduled does something with each event, and returns an error for those that do not wait any more.
func (r *run) doScheduled(told *scheduledDone, do scheduledVerb) error {
	b, err := backendAs[contract.ScheduleAdmin](r)
	if err != nil {
		return err
	}
	var errs []error
	for _, id := range r.filter.ids {
		found, err := do(b, r.ctx, id)
		switch {
		case err != nil:
			errs = append(errs, err)
		case found:
			told.Done++
		default:
			told.Missing = append(told.Missing, id)
			errs = append(errs, fmt.Errorf("no event %s waits for its time: it was delivered or cancelled, or has another id; scheduled ls lists those that wait", id))
		}
	}
	return errors.Join(errs...)
}

func scheduledCount(n int) string {
	if n == 1 {
		return "1 scheduled event"
	}
	return fmt.Sprintf("%d scheduled events", n)
}
