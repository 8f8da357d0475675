package held

import (
	"testing"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestLooks lets each event happen to a gate of each freshness.
func TestLooks(t *testing.T) {
	names := [...]string{known: "known", wanted: "wanted", looking: "looking", askedAgain: "asked again"}
	for _, c := range []struct {
		before freshness
		event  string
		after  freshness
	}{
		{known, "ask", wanted}, {known, "begin", looking},
		{wanted, "ask", wanted}, {wanted, "begin", looking},
		{looking, "ask", askedAgain}, {looking, "begin", looking}, {looking, "end", known}, {looking, "fail", wanted},
		{askedAgain, "ask", askedAgain}, {askedAgain, "begin", looking}, {askedAgain, "end", wanted}, {askedAgain, "fail", wanted},
	} {
		g := Gate{freshness: c.before}
		switch c.event {
		case "ask":
			g.AskLook()
		case "begin":
			g.BeginLook()
		default:
			g.EndLook(c.event == "fail")
		}
		if g.freshness != c.after {
			t.Errorf("%s, %s: it is %s, want %s", names[c.before], c.event, names[g.freshness], names[c.after])
		}
		if want := c.after == wanted || c.after == askedAgain; g.WantsLook() != want {
			t.Errorf("%s: wants a look: %v", names[c.after], g.WantsLook())
		}
	}
}

// TestAnswerOlderThanAHalt: an answer that was under way while a settle paused the organ does not open it.
func TestAnswerOlderThanAHalt(t *testing.T) {
	g := Gate{access: Open}
	before := g.Halts()
	g.Halt()
	if got := g.NoteAnswer(Open, before); got != Paused || g.Access() != Paused || !g.WantsLook() {
		t.Errorf("the older answer leads to access %s, looked up again: %v; want paused, true", got, g.WantsLook())
	}
	if got := g.NoteAnswer(Open, g.Halts()); got != Open || g.Access() != Open {
		t.Errorf("the next answer leads to access %s, want open", got)
	}
}

// TestLookAtMany: a look at many organs leads to a claim where it has found work or another access, and counts for
// nothing when a claim has looked since.
func TestLookAtMany(t *testing.T) {
	then := time.Unix(100, 0)
	for name, c := range map[string]struct {
		freshness freshness
		looked    time.Time
		found     Access
		work      bool
		claims    bool
		stale     bool // the access is as old as before
	}{
		"nothing new":      {found: Open},
		"work":             {found: Open, work: true, claims: true, stale: true},
		"another access":   {found: Paused, claims: true, stale: true},
		"a claim looks":    {freshness: looking, found: Paused, work: true, stale: true},
		"a claim again":    {freshness: askedAgain, found: Paused, work: true, stale: true},
		"a claim was on":   {looked: then.Add(time.Second), found: Paused, work: true},
		"a claim is asked": {freshness: wanted, found: Open},
	} {
		g := Gate{access: Open, freshness: c.freshness, looked: c.looked}
		if got := g.NoteLook(c.found, c.work, then); got != c.claims || c.claims && !g.WantsLook() {
			t.Errorf("%s: leads to a claim: %v", name, got)
		}
		if stale := g.IsStale(time.Second, then); stale != c.stale {
			t.Errorf("%s: stale: %v", name, stale)
		}
		if g.Access() != Open {
			t.Errorf("%s: the access is %s", name, g.Access())
		}
	}
}

// TestWhatMayBeHandedOut has one delivery of the front stream and two of the main stream in the buffer.
func TestWhatMayBeHandedOut(t *testing.T) {
	now := time.Unix(100, 0)
	for name, c := range map[string]struct {
		gate    Gate
		guarded bool
		want    int
	}{
		"open":                    {gate: Gate{access: Open}, want: 3},
		"some keys":               {gate: Gate{access: SomeKeys}, guarded: true, want: 3},
		"paused":                  {gate: Gate{access: Paused}, want: 0},
		"owned":                   {gate: Gate{access: Owned}, guarded: true, want: 0},
		"front only":              {gate: Gate{access: FrontOnly}, guarded: true, want: 1},
		"front unread":            {gate: Gate{access: SomeKeys, frontLeft: true}, guarded: true, want: 1},
		"look wanted":             {gate: Gate{access: Open, freshness: wanted}, want: 3},
		"look wanted, guarded":    {gate: Gate{access: Open, freshness: wanted}, guarded: true, want: 0},
		"look under way, guarded": {gate: Gate{access: Open, freshness: looking}, guarded: true, want: 0},
	} {
		s := New()
		s.Gate = c.gate
		s.looked = now
		for _, e := range []*Entry{{Stream: FrontStream, ID: "9-0"}, {Stream: MainStream, ID: "1-0"}, {Stream: MainStream, ID: "2-0"}} {
			add(&s, true, e)
		}
		if got := s.CountOffered(c.guarded, time.Second, now.Add(time.Second-1)); got != c.want {
			t.Errorf("%s: %d may be handed out, want %d", name, got, c.want)
		}
		if got := s.CountOffered(c.guarded, time.Second, now.Add(time.Second)); got != 0 {
			t.Errorf("%s: %d may be handed out after a second, want 0", name, got)
		}
	}
}

// TestFrontIsReadOn: where the front stream may hold more, the next claim comes as soon as nothing of it waits.
func TestFrontIsReadOn(t *testing.T) {
	s := New()
	add(&s, true, &Entry{Stream: FrontStream, ID: "9-0"}, &Entry{Stream: MainStream, ID: "1-0"})
	s.BeginLook()
	s.NoteAnswer(SomeKeys, s.Halts())
	s.NoteClaim(true, time.Unix(100, 0))
	s.ReadFrontOn()
	if s.EndLook(false); s.WantsLook() {
		t.Error("a look is wanted while a delivery of the front stream waits")
	}
	if s.Take(1); !s.WantsLook() {
		t.Error("no look is wanted behind the last delivery of the front stream")
	}
}

// add adds entries of one message each.
func add(s *Share, ordered bool, entries ...*Entry) {
	s.AddEntries(len(entries), ordered, func(ds []contract.Delivery) ([]contract.Delivery, *Entry) {
		if len(entries) == 0 {
			return ds, nil
		}
		e := entries[0]
		entries = entries[1:]
		e.Size = 1
		e.NoteRead(0)
		return append(ds, contract.Delivery{Ref: e}), e
	})
}
