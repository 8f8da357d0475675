package necroctl

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/necrostack/necrogen/internal/operate"
	"github.com/necrostack/necrogen/runtime/contract"
)

func deadLsFlags(o *options, flags *flag.FlagSet) {
	outputFlag(o, flags)
	filterFlags(o, flags)
	flags.IntVar(&o.limit, "limit", 100, "at most so many; 0 for all")
}

func deadFlags(o *options, flags *flag.FlagSet) {
	outputFlag(o, flags)
	filterFlags(o, flags)
	confirmFlags(o, flags)
	flags.BoolVar(&o.filter.all, "all", false, "all dead letters of all organs")
}

func deadRedriveFlags(o *options, flags *flag.FlagSet) {
	deadFlags(o, flags)
	flags.BoolVar(&o.filter.again, "again", false, "also those whose give-up handler ran")
}

// letter is a dead letter for scripts.
type letter struct {
	ID       contract.ID `json:"id"`
	Organ    string      `json:"organ"`
	Reason   string      `json:"reason"`
	Error    string      `json:"error"`
	Stack    string      `json:"stack,omitempty"`
	Attempts int         `json:"attempts"`
	GaveUp   bool        `json:"gave_up,omitempty"` // its give-up handler ran
	Time     time.Time   `json:"time"`
	Event    storedEvent `json:"event"`
}

// letterOf makes a row. The last attempt, which failed too, counts where there was one.
func letterOf(l contract.DeadLetter) letter {
	attempts := l.Attempts
	if l.Reason == contract.ReasonExhausted || l.Reason == contract.ReasonPermanent {
		attempts++
	}
	return letter{l.ID, l.Organ, string(l.Reason), l.Error, l.Stack, attempts, l.GaveUp, l.Time.UTC(), eventOf(&l.Message)}
}

func (r *run) deadLs([]string) int {
	var list []letter
	cut := false
	err := r.visitLetters(func(l contract.DeadLetter) bool {
		if cut = r.limit > 0 && len(list) == r.limit; !cut {
			list = append(list, letterOf(l))
		}
		return !cut
	})
	if err != nil {
		return r.tellFailure(err)
	}
	code := printRows(r, list, "ID ORGAN EVENT REASON ATTEMPTS AGE ERROR", func(l letter) []any {
		return []any{l.ID, l.Organ, l.Event.Type, l.Reason, l.Attempts, operate.FormatAge(time.Since(l.Time)), shortenText(l.Error, 100)}
	})
	if cut {
		r.printNote("there are more than %d: -limit 0 lists all", r.limit)
	}
	return code
}

// shortenText cuts a text to a number of characters.
func shortenText(s string, limit int) string {
	if c := []rune(s); len(c) > limit {
		return string(c[:limit-1]) + "…"
	}
	return s
}

func (r *run) deadShow(words []string) int {
	if err := r.readIDs(words); err != nil {
		return r.tellMisuse(err)
	}
	var list []letter
	err := r.visitLetters(func(l contract.DeadLetter) bool { list = append(list, letterOf(l)); return true })
	if err == nil {
		err = r.wantAll(list)
	}
	if err != nil {
		return r.tellFailure(err)
	}
	if r.output == "json" {
		return r.printJSON(list)
	}
	for i, l := range list {
		if i > 0 {
			fmt.Fprintln(r.out)
		}
		fmt.Fprint(r.out, operate.EscapeLines(l.formatLetter()))
	}
	return ExitDone
}

// wantAll wants every id that was asked for.
func (r *run) wantAll(list []letter) error {
	var errs []error
	for _, id := range r.filter.ids {
		if !slices.ContainsFunc(list, func(l letter) bool { return l.ID == id }) {
			errs = append(errs, fmt.Errorf("there is no dead letter %s", id))
		}
	}
	return errors.Join(errs...)
}

// formatLetter writes a dead letter for people.
func (l *letter) formatLetter() string {
	var b strings.Builder
	line := func(name string, value any) {
		if text := fmt.Sprint(value); text != "" {
			fmt.Fprintf(&b, "%-13s%s\n", name, strings.ReplaceAll(text, "\n", "\n             "))
		}
	}
	line("dead letter", l.ID)
	line("organ", l.Organ)
	line("reason", l.Reason)
	if l.GaveUp {
		line("gave up", "its give-up handler ran, and others may have turned back: redrive it with -again")
	}
	line("error", l.Error)
	line("attempts", l.Attempts)
	line("given up", l.Time.Format(time.RFC3339)+", "+operate.FormatAge(time.Since(l.Time))+" ago")
	line("event", fmt.Sprintf("%s version %d", l.Event.Type, l.Event.Version))
	line("event id", l.Event.ID)
	line("correlation", l.Event.Correlation)
	if l.Event.Causation != nil {
		line("causation", *l.Event.Causation)
	}
	line("published", l.Event.Time.Format(time.RFC3339))
	line("key", l.Event.Key)
	for _, name := range slices.Sorted(maps.Keys(l.Event.Headers)) {
		line("header", name+": "+l.Event.Headers[name])
	}
	indented, err := json.MarshalIndent(l.Event.Data, "", "  ")
	if err != nil {
		indented = l.Event.Data
	}
	fmt.Fprintf(&b, "%s\n", operate.EscapeJSON(indented))
	if l.Stack != "" {
		fmt.Fprintf(&b, "%s\n", strings.TrimSpace(l.Stack))
	}
	return b.String()
}

func (r *run) deadRedrive(words []string) int {
	r.filter.leaveGivenUp = true
	return r.eachLetter(words, "redrive", contract.Admin.Redrive)
}

func (r *run) deadDiscard(words []string) int {
	return r.eachLetter(words, "discard", contract.Admin.Discard)
}

// eachLetter does something with the dead letters that are chosen, when that is confirmed.
func (r *run) eachLetter(words []string, what string, do letterVerb) int {
	if err := r.readIDs(words); err != nil {
		return r.tellMisuse(err)
	}
	if r.filter.narrowsDown() == r.filter.all {
		return r.tellMisuse(errors.New("which dead letters? Give ids, flags that choose them, or -all"))
	}
	chosen, kinds, err := r.chooseLetters()
	if err != nil {
		return r.tellFailure(err)
	}
	if r.filter.left > 0 {
		fmt.Fprintf(r.err, "left: %s whose give-up handler ran: it told others that the event failed, which may have turned back. -again redrives them, too\n",
			letterCount(r.filter.left))
	}
	total := 0
	for _, kind := range kinds {
		total += kind.Count
	}
	if r.output == "json" {
		return r.eachLetterJSON(chosen, kinds, total, what, do)
	}
	if total == 0 {
		fmt.Fprintf(r.out, "no dead letter matches\n")
		return ExitDone
	}
	printRows(r, kinds, "COUNT ORGAN EVENT REASON", func(k kind) []any { return []any{k.Count, k.Organ, k.Event, k.Reason} })
	if !r.confirmAction(fmt.Sprintf("%s %s", what, letterCount(total))) {
		return r.exitUnconfirmed()
	}
	done, err := r.doLetters(chosen, do)
	if err != nil {
		return r.tellFailure(err)
	}
	fmt.Fprintf(r.out, "%s: %s\n", what, letterCount(done))
	return ExitDone
}

// lettersDone is what redrive and discard tell scripts.
type lettersDone struct {
	Verb   string `json:"verb"`
	Chosen int    `json:"chosen"`
	Done   int    `json:"done"`
	Kinds  []kind `json:"kinds"`
}

// eachLetterJSON does it and prints one value for scripts, also when nothing was done.
func (r *run) eachLetterJSON(chosen map[string][]contract.ID, kinds []kind, total int, what string, do letterVerb) int {
	told := lettersDone{Verb: what, Chosen: total, Kinds: append([]kind{}, kinds...)}
	code := ExitDone
	if total > 0 && !r.confirmAction(fmt.Sprintf("%s %s", what, letterCount(total))) {
		code = r.exitUnconfirmed()
	} else {
		var err error
		if told.Done, err = r.doLetters(chosen, do); err != nil {
			code = r.tellFailure(err)
		}
	}
	return max(code, r.printJSON(told))
}

// letterVerb is Redrive or Discard of a backend.
type letterVerb func(b contract.Admin, ctx context.Context, organ string, ids ...contract.ID) (int, error)

// doLetters does something with the dead letters that are chosen, and returns how many it was done
// with.
func (r *run) doLetters(chosen map[string][]contract.ID, do letterVerb) (done int, err error) {
	b, err := backendAs[contract.Admin](r)
	if err != nil {
		return 0, err
	}
	for _, organ := range slices.Sorted(maps.Keys(chosen)) {
		n, err := do(b, r.ctx, organ, chosen[organ]...)
		if done += n; err != nil {
			return done, fmt.Errorf("%w; %s done by then", err, letterCount(done))
		}
	}
	return done, nil
}

func letterCount(n int) string {
	if n == 1 {
		return "1 dead letter"
	}
	return fmt.Sprintf("%d dead letters", n)
}

// kind counts dead letters that look alike.
type kind struct {
	Organ  string `json:"organ"`
	Event  string `json:"event"`
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

// chooseLetters returns the ids of the dead letters that the flags choose, by organ, and how many there are of
// each kind.
func (r *run) chooseLetters() (map[string][]contract.ID, []kind, error) {
	chosen := map[string][]contract.ID{}
	var kinds []kind
	var found []letter
	err := r.visitLetters(func(l contract.DeadLetter) bool {
		if len(r.filter.ids) > 0 {
			found = append(found, letter{ID: l.ID})
		}
		if r.filter.leavesOut(&l) {
			return true
		}
		chosen[l.Organ] = append(chosen[l.Organ], l.ID)
		like := func(k kind) bool {
			return k.Organ == l.Organ && k.Event == l.Message.Type.Name && k.Reason == string(l.Reason)
		}
		if i := slices.IndexFunc(kinds, like); i >= 0 {
			kinds[i].Count++
		} else {
			kinds = append(kinds, kind{l.Organ, l.Message.Type.Name, string(l.Reason), 1})
		}
		return true
	})
	if err == nil {
		err = r.wantAll(found)
	}
	return chosen, kinds, err
}
