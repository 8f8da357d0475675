package necroctl

import (
	"errors"
	"flag"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/necrostack/necrogen/internal/spelling"
	"github.com/necrostack/necrogen/runtime/contract"
)

// filter chooses dead letters. An empty field chooses all.
type filter struct {
	organ, event, reason string
	older, newer         time.Duration
	all                  bool
	ids                  []contract.ID

	again        bool // also those whose give-up handler ran
	leaveGivenUp bool // those are left out unless again
	left         int  // how many were
}

// leavesOut counts a letter that is left out because its give-up handler ran.
func (f *filter) leavesOut(l *contract.DeadLetter) bool {
	if !l.GaveUp || !f.leaveGivenUp || f.again {
		return false
	}
	f.left++
	return true
}

func filterFlags(o *options, flags *flag.FlagSet) {
	flags.StringVar(&o.filter.organ, "organ", "", "those of this `organ`")
	flags.StringVar(&o.filter.event, "event", "", "those of events with this `name`")
	flags.StringVar(&o.filter.reason, "reason", "", "those with this `reason`: exhausted, permanent, invalid, …")
	flags.Var((*days)(&o.filter.older), "older", "those that were given up longer ago than this `duration`, as in 24h or 30d")
	flags.Var((*days)(&o.filter.newer), "newer", "those that were given up within this `duration`, as in 10m or 2d")
}

// days is a duration that may begin with days: 30d, 1d12h.
type days time.Duration

// String is for the default that help shows: none.
func (d *days) String() string {
	if d == nil || *d == 0 {
		return ""
	}
	return time.Duration(*d).String()
}

// Set reads a duration.
func (d *days) Set(text string) error {
	sum, rest := time.Duration(0), text
	if count, after, ok := strings.Cut(text, "d"); ok {
		n, err := strconv.Atoi(count)
		if err != nil || n < 0 || n > maxDays {
			return errDuration
		}
		sum, rest = time.Duration(n)*24*time.Hour, after
	}
	if rest != "" || sum == 0 {
		more, err := time.ParseDuration(rest)
		if err != nil || more < 0 {
			return errDuration
		}
		sum += more
	}
	*d = days(sum)
	return nil
}

const maxDays = 36_500 // more would overflow

var errDuration = errors.New("need a duration as in 10m, 24h or 30d")

// narrowsDown says whether any field of the filter is set.
func (f *filter) narrowsDown() bool {
	return f.organ+f.event+f.reason != "" || f.older != 0 || f.newer != 0 || len(f.ids) > 0
}

func (f *filter) matchesLetter(l *contract.DeadLetter) bool {
	since := time.Since(l.Time)
	return (f.event == "" || l.Message.Type.Name == f.event) &&
		(f.reason == "" || string(l.Reason) == f.reason) &&
		(f.older == 0 || since > f.older) && (f.newer == 0 || since < f.newer) &&
		(len(f.ids) == 0 || slices.Contains(f.ids, l.ID))
}

// page is how many dead letters are read at a time, at most.
const page = 100

// visitLetters calls visit with the dead letters that the flags choose, oldest first in each organ.
func (r *run) visitLetters(visit func(contract.DeadLetter) (more bool)) error {
	organs, err := r.organNames()
	if err == nil {
		err = wantReason(r.filter.reason)
	}
	if err == nil && r.filter.organ != "" {
		organs, err = []string{r.filter.organ}, r.wantOrgan(r.filter.organ)
	}
	if err != nil {
		return err
	}
	b, err := backendAs[contract.Admin](r)
	if err != nil {
		return err
	}
	seen := map[string]bool{} // names of events
	for _, organ := range organs {
		for after := (contract.ID{}); ; {
			some, err := b.DeadLetters(r.ctx, organ, after, page)
			if err != nil {
				return err
			}
			if len(some) == 0 { // a page may have fewer than it could: it is bounded in bytes
				break
			}
			for _, l := range some {
				seen[l.Message.Type.Name] = true
				if r.filter.matchesLetter(&l) && !visit(l) {
					return nil
				}
			}
			after = some[len(some)-1].ID
		}
	}
	return r.wantEvent(seen)
}

// wantEvent wants the event of the filter to be one that an organ is bound to, or that a dead letter
// has: a slip would choose nothing, and look as if all was well.
func (r *run) wantEvent(seen map[string]bool) error {
	name := r.filter.event
	if name == "" || seen[name] {
		return nil
	}
	b, err := backendAs[contract.Inspector](r)
	if err != nil {
		return err
	}
	bound, err := b.Bound(r.ctx)
	if err != nil || len(bound[name]) > 0 {
		return err
	}
	for name := range bound {
		seen[name] = true
	}
	names := slices.Sorted(maps.Keys(seen))
	return missingError("event", name, spelling.Nearest(name, names), names)
}

// wantReason wants none, or one that there is: a slip would choose nothing.
func wantReason(name string) error {
	var names []string
	for _, reason := range contract.Reasons() {
		if names = append(names, string(reason)); name == "" || name == string(reason) {
			return nil
		}
	}
	return missingError("reason", name, spelling.Nearest(name, names), names)
}

// readIDs takes words for ids of dead letters.
func (r *run) readIDs(words []string) error {
	var errs []error
	for _, word := range words {
		id, err := contract.ParseID(word)
		r.filter.ids, errs = append(r.filter.ids, id), append(errs, err)
	}
	return errors.Join(errs...)
}
