package necro_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// login is an event with secrets, written by hand.
type login struct{ user, password string }

var loginType = contract.EventType{
	Name: "LOGIN", Version: 1,
	New: func() necro.Event { return new(login) },
	Is:  func(e necro.Event) bool { l, ok := e.(*login); return ok && l != nil },
}

func (*login) NecroEvent() *contract.EventType { return &loginType }
func (*login) Validate() error                 { return nil }

func (l *login) AppendMsgpack(b []byte) ([]byte, error) {
	switch l.user {
	case "panics":
		panic("a hash of another length")
	case "fails":
		return b, errors.New("no such user")
	case "garbage":
		return append(b, 0xc1), nil
	}
	b = wire.AppendString(wire.AppendString(wire.AppendMapLen(b, 2), "user"), l.user)
	return wire.AppendString(wire.AppendString(b, "password"), l.password), nil
}

func (l *login) ReadMsgpack(b []byte) ([]byte, error) {
	l.user = "read"
	return nil, nil
}

// logged returns the lines about a login that fails twice and then for good, and of one that is
// handled.
func logged(t *testing.T, b *memory.Backend, l *login, options ...necro.Option) (text string, lines []map[string]any) {
	var out bytes.Buffer
	attempt := 0
	route := contract.Route{Event: &loginType, Method: "Handle", Handle: func(context.Context, necro.Event, *contract.Emissions) error {
		switch attempt++; attempt {
		case 1:
			return errors.New("not now")
		case 2:
			return necro.Permanent(errors.New("never"))
		}
		return nil
	}}
	options = append(options, necro.WithLogger(slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		necro.WithOrgans(specOrgan{Name: "o", Path: "test", Routes: []contract.Route{route}}),
		necro.WithPolicy("o", necro.Backoff(time.Nanosecond, time.Nanosecond)))
	s, err := necro.New(b, options...)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Publish(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		drain(t, s)
	}
	for line := range strings.Lines(out.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, m)
	}
	if len(lines) != 3 {
		t.Errorf("%d lines, want one failed, one given up, one handled:\n%s", len(lines), &out)
	}
	return out.String(), lines
}

func drain(t *testing.T, s *necro.Spine) {
	t.Helper()
	if _, err := s.Drain(t.Context()); err != nil {
		t.Error(err)
	}
}

type specOrgan contract.OrganSpec

func (s specOrgan) NecroOrgan() contract.OrganSpec { return contract.OrganSpec(s) }

func TestNoPayloadUnlessAsked(t *testing.T) {
	for _, b := range []*memory.Backend{memory.New(), memory.New(memory.WithCopy())} {
		if text, _ := logged(t, b, &login{"ghost", "hunter2"}); strings.Contains(text, "ghost") || strings.Contains(text, "payload") {
			t.Errorf("a payload is logged:\n%s", text)
		}
		text, lines := logged(t, b, &login{"ghost", "hunter2"}, necro.WithPayloadLog())
		for _, line := range lines {
			if line["payload"] != `{"user":"ghost","password":"***"}` {
				t.Errorf("payload %v in %v", line["payload"], line)
			}
		}
		if strings.Contains(text, "hunter2") {
			t.Errorf("the password is told:\n%s", text)
		}
		_, lines = logged(t, b, &login{"ghost", "hunter2"}, necro.WithPayloadLog("user"), necro.WithPayloadLog("other"))
		if lines[0]["payload"] != `{"user":"***","password":"***"}` {
			t.Errorf("a name of one's own is told: %v", lines[0])
		}
	}
}

func TestPayloadsAreBounded(t *testing.T) {
	for user, want := range map[string]string{
		"panics":                   "cannot be shown: panic: a hash of another length",
		"fails":                    "cannot be shown: no such user",
		"garbage":                  "cannot be shown: 1 bytes: ",
		strings.Repeat("a", 5000):  `{"user":"aaa`,
		strings.Repeat("é", 3_000): "é… (cut, of 6026 bytes of MessagePack)",
	} {
		_, lines := logged(t, memory.New(), &login{user, "hunter2"}, necro.WithPayloadLog(), necro.WithPolicy("o", necro.OnFail(necro.Drop)))
		for _, line := range lines {
			if text, _ := line["payload"].(string); !strings.Contains(text, want) || len(text) > 4200 {
				t.Errorf("got %q, want %q", text, want)
			}
		}
	}
}

// TestPayloadCostsOnlyWhereItIsWritten wants no encoding for lines of a level that is not logged.
func TestPayloadCostsOnlyWhereItIsWritten(t *testing.T) {
	s := open(t, necro.WithPayloadLog(), necro.WithLogger(slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))),
		necro.WithOrgans(specOrgan{Name: "o", Path: "test", Routes: []contract.Route{{Event: &countedType, Method: "Handle", Handle: func(context.Context, necro.Event, *contract.Emissions) error {
			return errors.New("no")
		}}}}), necro.WithPolicy("o", necro.Retry(3), necro.OnFail(necro.Drop), necro.Backoff(time.Nanosecond, time.Nanosecond)))
	e := new(counted)
	if err := s.Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	drain(t, s)
	if e.encoded != 1 {
		t.Errorf("encoded %d times, want once: for the line that says that it was dropped", e.encoded)
	}
}

type counted struct {
	ping
	encoded int
}

var countedType = contract.EventType{
	Name: "COUNTED", Version: 1,
	New: func() necro.Event { return new(counted) },
	Is:  func(e necro.Event) bool { _, ok := e.(*counted); return ok },
}

func (*counted) NecroEvent() *contract.EventType { return &countedType }

func (c *counted) AppendMsgpack(b []byte) ([]byte, error) { c.encoded++; return append(b, 1), nil }

// A typed event is encoded when it becomes a dead letter, far from its handler: a codec that
// panics costs its bytes, not the process.
func TestCodecThatPanicsEndsNoProcess(t *testing.T) {
	b := memory.New()
	logged(t, b, &login{"panics", "hunter2"})
	letters, err := b.DeadLetters(t.Context(), "o", necro.ID{}, 10)
	if err != nil || len(letters) != 1 {
		t.Fatalf("%d dead letters, want 1: %v", len(letters), err)
	}
	if l := &letters[0]; l.Message.Payload != nil || l.Message.Event == nil {
		t.Errorf("the dead letter has the payload %x and the event %v", l.Message.Payload, l.Message.Event)
	}
}
