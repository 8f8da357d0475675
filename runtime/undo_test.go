package necro_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// command and uncommand are a command and its undo, with a key.
type (
	command   struct{ order string }
	uncommand struct{ order string }
)

var (
	commandType = contract.EventType{
		Name: "COMMAND", Version: 1, Undo: "UNCOMMAND",
		New: func() necro.Event { return new(command) },
		Is:  func(e necro.Event) bool { c, ok := e.(*command); return ok && c != nil },
		Key: func(e necro.Event) string { return e.(*command).order },
	}
	uncommandType = contract.EventType{
		Name: "UNCOMMAND", Version: 1,
		New: func() necro.Event { return new(uncommand) },
		Is:  func(e necro.Event) bool { c, ok := e.(*uncommand); return ok && c != nil },
		Key: func(e necro.Event) string { return e.(*uncommand).order },
	}
)

func (*command) NecroEvent() *contract.EventType   { return &commandType }
func (*uncommand) NecroEvent() *contract.EventType { return &uncommandType }
func (*command) Validate() error                   { return nil }

func (u *uncommand) Validate() error {
	if u.order == "invalid" {
		return &necro.ValidationError{}
	}
	return nil
}

func (c *command) AppendMsgpack(b []byte) ([]byte, error) { return wire.AppendString(b, c.order), nil }
func (u *uncommand) AppendMsgpack(b []byte) ([]byte, error) {
	return wire.AppendString(b, u.order), nil
}

func (c *command) ReadMsgpack(b []byte) ([]byte, error) {
	in := wire.Copy(b)
	rest, err := wire.ReadString(in, &c.order)
	return wire.Rest(b, in, rest, err)
}

func (u *uncommand) ReadMsgpack(b []byte) ([]byte, error) {
	in := wire.Copy(b)
	rest, err := wire.ReadString(in, &u.order)
	return wire.Rest(b, in, rest, err)
}

// turner is a counter that does for each event what a test wants.
type turner struct {
	counter
	handle func(n string, out *contract.Emissions)
}

func (o *turner) NecroOrgan() contract.OrganSpec {
	spec := o.counter.NecroOrgan()
	r := &spec.Routes[0]
	r.Emits = []*contract.EventType{&commandType}
	r.Undos, r.Compensates = []*contract.EventType{&uncommandType}, true
	r.Handle = func(ctx context.Context, _ contract.Event, out *contract.Emissions) error {
		m, _ := necro.MetaFrom(ctx)
		out.State.(*tally).text += m.Headers["n"] + " "
		o.handle(m.Headers["n"], out)
		return nil
	}
	return spec
}

// keepUndo keeps the undo of an order.
func keepUndo(out *contract.Emissions, order string) {
	necro.Undo[uncommand]{Event: &uncommand{order}}.AddTo(out)
}

// TestCommandsWithoutTheirUndos make the delivery a dead letter, which says what to do, and so does what a record cannot keep.
func TestCommandsWithoutTheirUndos(t *testing.T) {
	for want, handle := range map[string]func(*contract.Emissions){
		`emission 0: COMMAND with the key "a" has no undo`: func(out *contract.Emissions) { out.Add(&command{"a"}) },
		`emission 1: COMMAND with the key "a" has no undo`: func(out *contract.Emissions) {
			out.Add(&command{"a"})
			out.Add(&command{"a"})
			keepUndo(out, "a")
		},
		`emission 0: COMMAND with the key "b" has no undo`: func(out *contract.Emissions) {
			out.AddWith(&command{"a"}, contract.Envelope{Key: "b"})
			keepUndo(out, "a")
		},
		"emission 0: COMMAND has a delay and an undo": func(out *contract.Emissions) {
			out.AddWith(&command{"a"}, contract.Envelope{After: time.Second})
			keepUndo(out, "a")
		},
		"keeps an undo and compensates": func(out *contract.Emissions) {
			keepUndo(out, "a")
			out.Compensates = true
		},
		"ends the record and keeps an undo": func(out *contract.Emissions) {
			keepUndo(out, "a")
			out.Ends = true
		},
		"is no event":                 func(out *contract.Emissions) { necro.Undo[int]{Event: new(int)}.AddTo(out) },
		"PING is not among the undos": func(out *contract.Emissions) { necro.Undo[ping]{Event: new(ping)}.AddTo(out) },
		"the undo UNCOMMAND":          func(out *contract.Emissions) { keepUndo(out, "invalid") },
		"the record keeps 4 undos of ": func(out *contract.Emissions) {
			out.Undos = []necro.Event{&uncommand{"a"}, &uncommand{"b"}, &uncommand{"c"}, &uncommand{"d"}}
		},
	} {
		t.Run(want, func(t *testing.T) {
			b := memory.New()
			s, err := necro.New(b, necro.WithOrgans(&turner{handle: func(_ string, out *contract.Emissions) { handle(out) }}), necro.WithLogger(nil), necro.WithEmissionLimit(3, 1<<20))
			if err != nil {
				t.Fatal(err)
			}
			publishNumbers(t, s, "k", 1)
			drainState(t, s)
			wantTally(t, s, "k", "")
			letters, err := b.DeadLetters(t.Context(), "counter", necro.ID{}, 2)
			if err != nil || len(letters) != 1 || !strings.Contains(letters[0].Error, want) {
				t.Errorf("dead letters %v, error %v, want one that says %q", letters, err, want)
			}
		})
	}
}

// TestUndosThatFewKnow: a record with an undo that the program does not know waits for one that does, and nothing of it is lost.
func TestUndosThatFewKnow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := memory.New()
		organ := &turner{handle: func(n string, out *contract.Emissions) {
			if n == "0" {
				keepUndo(out, "a")
			}
			out.Compensates = n == "1"
		}}
		newer := newTurner(t, b, organ)
		publishNumbers(t, newer, "k", 1)
		drainState(t, newer)
		spec := organ.NecroOrgan()
		spec.Routes[0].Undos = nil
		older := newTurner(t, b, plainOrgan{spec})
		if err := older.Publish(t.Context(), &ping{}, necro.WithKey("k"), necro.WithHeader("n", "1")); err != nil {
			t.Fatal(err)
		}
		runFor(t, older, time.Minute)
		wantTally(t, newer, "k", "0 ")
		if older.Stats().Declined == 0 {
			t.Error("the older program has not declined the delivery")
		}
		runFor(t, newer, 5*time.Minute)
		wantTally(t, newer, "k", "0 1 ")
	})
}

func newTurner(t *testing.T, b necro.Backend, organ necro.Organ) *necro.Spine {
	t.Helper()
	s, err := necro.New(b, necro.WithOrgans(organ), necro.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestUndoWithoutAState is refused when the spine is made.
func TestUndoWithoutAState(t *testing.T) {
	spec := (&turner{}).NecroOrgan()
	spec.Routes[0].State = false
	_, err := necro.New(memory.New(), necro.WithOrgans(plainOrgan{spec}))
	if err == nil || !strings.Contains(err.Error(), "takes no state") {
		t.Errorf("error %v", err)
	}
}

// TestRecordWithBadUndos is a dead letter, whatever bytes are cut off, and no panic.
func TestRecordWithBadUndos(t *testing.T) {
	for size := 1; size < 16; size++ {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			b := &overtaken{Backend: memory.New(), number: "0", strike: func(o *contract.Outcome) { o.State.Value = o.State.Value[:size:size] }}
			s := newTurner(t, b, &turner{handle: func(n string, out *contract.Emissions) { keepUndo(out, "a") }})
			for range 2 { // the second one reads what the first one has left
				publishNumbers(t, s, "k", 1)
				drainState(t, s)
			}
			letters, err := b.DeadLetters(t.Context(), "counter", necro.ID{}, 2)
			if err != nil || len(letters) != 1 || letters[0].Reason != contract.ReasonState {
				t.Errorf("dead letters %v, error %v, want one because of the state", letters, err)
			}
		})
	}
}

// TestUndosUpToTheLimit: a record that keeps as many undos as one call may emit turns back, also where the handler emits as many
// events beside them.
func TestUndosUpToTheLimit(t *testing.T) {
	b := memory.New()
	organ := &turner{handle: func(n string, out *contract.Emissions) {
		if n == "0" {
			keepUndo(out, "a")
			keepUndo(out, "b")
			return
		}
		out.Compensates = true
		out.Add(&uncommand{"c"})
		out.Add(&uncommand{"d"})
	}}
	spec := organ.NecroOrgan()
	spec.Routes[0].Emits = []*contract.EventType{&uncommandType}
	s, err := necro.New(b, necro.WithOrgans(plainOrgan{spec}), necro.WithLogger(nil), necro.WithEmissionLimit(2, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	publishNumbers(t, s, "k", 2)
	drainState(t, s)
	wantTally(t, s, "k", "0 1 ")
}

// mortalTally is a tally with a ttl.
type mortalTally struct{ tally }

var mortalType = contract.StateType{
	Name: "MORTAL", Organ: "counter", Version: 1, TTL: time.Minute, New: func() contract.State { return new(mortalTally) },
}

func (*mortalTally) NecroState() *contract.StateType { return &mortalType }

// TestRecordWithUndosHasNoEnd: the ttl of a state ends no record while it keeps undos, and ends it when they are emitted.
func TestRecordWithUndosHasNoEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spec := (&turner{}).NecroOrgan()
		spec.State = &mortalType
		spec.Routes[0].Handle = func(ctx context.Context, _ contract.Event, out *contract.Emissions) error {
			m, _ := necro.MetaFrom(ctx)
			out.State.(*mortalTally).text += m.Headers["n"] + " "
			if m.Headers["n"] == "0" {
				keepUndo(out, "a")
			}
			out.Compensates = m.Headers["n"] == "1"
			return nil
		}
		s := newTurner(t, memory.New(), plainOrgan{spec})
		for _, step := range []struct{ number, want string }{{"0", "0 "}, {"1", "0 1 "}, {"2", "2 "}} {
			if err := s.Publish(t.Context(), &ping{}, necro.WithKey("k"), necro.WithHeader("n", step.number)); err != nil {
				t.Fatal(err)
			}
			drainState(t, s)
			if record, found, err := necro.Load[mortalTally](t.Context(), s, "k"); err != nil || !found || record.text != step.want {
				t.Errorf("event %s leaves %q, found %t, error %v, want %q", step.number, record.text, found, err, step.want)
			}
			time.Sleep(time.Hour)
		}
	})
}

// TestRecordInAnotherForm waits for a program that knows the form, and nothing of it is lost.
func TestRecordInAnotherForm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &overtaken{Backend: memory.New(), number: "0", strike: func(o *contract.Outcome) { o.State.Value[1]++ }}
		s := newTurner(t, b, &turner{handle: func(n string, out *contract.Emissions) { keepUndo(out, "a") }})
		publishNumbers(t, s, "k", 2)
		runFor(t, s, time.Minute)
		if letters, err := b.DeadLetters(t.Context(), "counter", necro.ID{}, 2); err != nil || len(letters) != 0 || s.Stats().Declined == 0 {
			t.Errorf("%d declined, dead letters %v, error %v, want a declined one and no letter", s.Stats().Declined, letters, err)
		}
	})
}
