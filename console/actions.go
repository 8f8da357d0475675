package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// form holds the fields of the form of an action. maxForm bounds its texts.
type form struct {
	user, verb   string
	organ        string
	id           contract.ID
	count        int // of dead letters that were told before the question was answered
	chosen       cause
	again        bool
	reason, back string
}

// action is a change that a form may ask for.
type action struct {
	question string // asked before; empty for an action that another one undoes
	noun     string // the counted thing, in the singular
	done     string // said afterwards, behind the number and the noun
	ofOne    bool   // for the letter or the event of an id
	ofAll    bool   // for all dead letters of an organ
	do       func(c *console, ctx context.Context, f *form) (done int, err error)
}

// actions has each action by the verb of its forms.
var actions = map[string]action{
	"pause":       {"", "organ", "paused", false, false, (*console).pauseOrgan},
	"resume":      {"", "organ", "resumed", false, false, (*console).resumeOrgan},
	"redrive":     {"", "dead letter", "stored again", true, false, letterAction(contract.Admin.Redrive)},
	"discard":     {"Discard this dead letter for good?", "dead letter", "discarded", true, false, letterAction(contract.Admin.Discard)},
	"redrive-all": {"Store these dead letters again, for one more try?", "dead letter", "stored again", false, true, (*console).redriveAll},
	"discard-all": {"Discard these dead letters for good?", "dead letter", "discarded", false, true, (*console).discardAll},
	"run":         {"", "event", "made due", true, false, scheduledAction(contract.ScheduleAdmin.RunScheduled)},
	"cancel":      {"Cancel this event? It is not delivered then.", "event", "cancelled", true, false, scheduledAction(contract.ScheduleAdmin.Cancel)},
}

var errNoAction = errors.New("there is no such action: open the page again, and press its button")

// serveAction performs the action of a form, writes the audit line, and sends the browser to the page that shows the result. A
// refused form has an audit line as well, with the reason.
func (c *console) serveAction(w http.ResponseWriter, r *http.Request, user string) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read, or is too large", http.StatusBadRequest)
		return
	}
	f, reason := form{user: user, verb: r.PostForm.Get("verb"), organ: r.PostForm.Get("organ"), reason: r.PostForm.Get("reason")}, ""
	if !c.mayAct(user) {
		reason = "this user may read the pages, and change nothing: the option WithActions of the console says who may act"
	} else {
		reason = whyForged(r)
	}
	if reason != "" {
		c.log.WarnContext(r.Context(), "console action refused", "user", user, "verb", lineOf(f.verb), "organ", lineOf(f.organ), "remote", r.RemoteAddr, "reason", reason)
		c.renderPage(w, http.StatusForbidden, &view{Title: "Refused", Page: "failed", User: user, Acts: c.mayAct(user), Error: reason})
		return
	}
	done, err := c.performAction(r.Context(), &f, r.PostForm)
	c.log.InfoContext(r.Context(), "console action", "user", user, "verb", lineOf(f.verb), "organ", lineOf(f.organ), "id", f.id, "cause", f.chosen.String(), "done", done, "remote", r.RemoteAddr, "error", errorText(err))
	c.answers.forgetAnswers()
	c.searches.forgetAnswers()
	if err != nil {
		v := view{Title: "Not done", Page: "failed", User: user, Acts: true, Error: err.Error(), Data: done}
		c.renderPage(w, http.StatusConflict, &v)
		return
	}
	w.Header().Set("Location", linkTo(f.back, "organ", f.organ, "did", f.verb, "n", strconv.Itoa(done)))
	w.WriteHeader(http.StatusSeeOther)
}

// errorText is what an audit line tells of an error.
func errorText(err error) string {
	if err == nil {
		return ""
	}
	return lineOf(err.Error())
}

// performAction reads the rest of a form, and performs the action that the form names. done counts the changed letters or
// events, also beside an error.
func (c *console) performAction(ctx context.Context, f *form, values url.Values) (done int, err error) {
	a, ok := actions[f.verb]
	if !ok {
		return 0, errNoAction
	}
	f.again, f.chosen = values.Get("again") != "", causeFrom(values)
	f.count, _ = strconv.Atoi(values.Get("count"))
	if a.ofOne {
		if f.id, err = parseID(values.Get("id")); err != nil {
			return 0, err
		}
	}
	return a.do(c, ctx, f)
}

// noticeOf says what the last action did. An address can only choose among these texts.
func noticeOf(q url.Values) string {
	a, ok := actions[q.Get("did")]
	n, err := strconv.Atoi(q.Get("n"))
	if !ok || err != nil {
		return ""
	}
	return fmt.Sprintf("%d %s %s", n, nounOf(n, a.noun), a.done)
}

// maxReason bounds the reason of a pause.
const maxReason = 500

// pauseOrgan pauses an organ. The reason that is stored says who did it, and when.
func (c *console) pauseOrgan(ctx context.Context, f *form) (int, error) {
	b, err := as[contract.Admin](c, "how to pause an organ")
	if err != nil {
		return 0, err
	}
	f.back = "organ"
	if f.reason == "" || len(f.reason) > maxReason {
		return 0, fmt.Errorf("a pause needs a reason of 1 to %d bytes: go back, and say why the organ is paused", maxReason)
	}
	return countOne(b.Pause(ctx, f.organ, fmt.Sprintf("%s (by %s, %s)", f.reason, f.user, time.Now().UTC().Format(time.RFC3339))))
}

func (c *console) resumeOrgan(ctx context.Context, f *form) (int, error) {
	b, err := as[contract.Admin](c, "how to resume an organ")
	if err != nil {
		return 0, err
	}
	f.back = "organ"
	return countOne(b.Resume(ctx, f.organ))
}

func countOne(err error) (int, error) {
	if err != nil {
		return 0, err
	}
	return 1, nil
}

// letterVerb is Redrive or Discard of a backend.
type letterVerb func(b contract.Admin, ctx context.Context, organ string, ids ...contract.ID) (int, error)

// letterAction does something with one dead letter.
func letterAction(do letterVerb) func(*console, context.Context, *form) (int, error) {
	return func(c *console, ctx context.Context, f *form) (int, error) {
		b, err := as[contract.Admin](c, "dead letters")
		if err != nil {
			return 0, err
		}
		f.back = "dead"
		done, err := do(b, ctx, f.organ, f.id)
		if err == nil && done == 0 {
			err = errNoLetter
		}
		return done, err
	}
}

// mostAtOnce is how many dead letters an action of all looks at. The page then shows how many are left.
const mostAtOnce = 10_000

func (c *console) discardAll(ctx context.Context, f *form) (int, error) {
	return c.eachLetter(ctx, f, contract.Admin.Discard, f.chosen.matchesLetter)
}

// redriveAll leaves out letters whose give-up handler ran, unless the form says again: others may have turned back since.
func (c *console) redriveAll(ctx context.Context, f *form) (int, error) {
	return c.eachLetter(ctx, f, contract.Admin.Redrive, func(l *contract.DeadLetter) bool {
		return (f.again || !l.GaveUp) && f.chosen.matchesLetter(l)
	})
}

// eachLetter does something with those of the oldest dead letters of an organ that are chosen. It looks at no more letters than there
// were when the question was asked, so that letters that die again meanwhile are not taken for those.
func (c *console) eachLetter(ctx context.Context, f *form, do letterVerb, isChosen func(*contract.DeadLetter) bool) (done int, err error) {
	b, err := as[contract.Admin](c, "dead letters")
	if err != nil {
		return 0, err
	}
	f.back = "dead"
	err = walkLetters(ctx, b, f.organ, contract.ID{}, min(f.count, mostAtOnce), func(page []contract.DeadLetter, _ contract.ID) (more bool, err error) {
		var ids []contract.ID
		for i := range page {
			if isChosen(&page[i]) {
				ids = append(ids, page[i].ID)
			}
		}
		if len(ids) == 0 {
			return true, nil
		}
		n, err := do(b, ctx, f.organ, ids...)
		done += n
		return true, err
	})
	return done, err
}

// scheduledVerb is RunScheduled or Cancel of a backend.
type scheduledVerb func(contract.ScheduleAdmin, context.Context, contract.ID) (bool, error)

// scheduledAction does something with one event that waits for its time.
func scheduledAction(do scheduledVerb) func(*console, context.Context, *form) (int, error) {
	return func(c *console, ctx context.Context, f *form) (int, error) {
		b, err := as[contract.ScheduleAdmin](c, "scheduled events")
		if err != nil {
			return 0, err
		}
		f.back = "scheduled"
		found, err := do(b, ctx, f.id)
		if err == nil && !found {
			err = fmt.Errorf("no event %s waits for its time: it was delivered or cancelled: open the page Scheduled again", f.id)
		}
		return countOne(err)
	}
}
