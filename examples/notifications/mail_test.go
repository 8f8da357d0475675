package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/examples/notifications/gateway"
	necro "github.com/necrostack/necrogen/runtime"
)

// startGateway starts a gateway that sends what it takes to a channel.
func startGateway(t *testing.T, o gateway.Options) (*gateway.Gateway, chan gateway.Message) {
	taken := make(chan gateway.Message, 1000)
	o.Keep = func(m gateway.Message) error { taken <- m; return nil }
	g, err := gateway.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g, taken
}

func TestMailServer(t *testing.T) {
	g, taken := startGateway(t, gateway.Options{Blocked: []string{"bob@example.com"}})
	m := NewMailServer(g.MailAddr(), "shop@example.com", 2)
	defer m.Close()
	d := &Delivery{1, "ada", Email, "ada@example.com", "Grüße, Ada:\n.\nein Punkt, " + strings.Repeat("lang ", 40) + "ä", High, 1}
	key := necro.NewID()
	for range 2 { // the second is dropped as a repeat
		if err := m.Send(t.Context(), key, d); err != nil {
			t.Fatal(err)
		}
	}
	got := <-taken
	if got.To != d.To || got.Text != d.Message || got.Priority != "high" || got.Key != "<"+key.String()+"@example.com>" {
		t.Errorf("got %+v", got)
	}
	bob := *d
	bob.To = "bob@example.com"
	if err := m.Send(t.Context(), necro.NewID(), &bob); !isPermanent(t, err) || !strings.Contains(err.Error(), "bob@example.com is blocked") {
		t.Errorf("blocked: %v, want what no retry mends", err)
	}
	g.SetDown(true)
	if err := m.Send(t.Context(), key, d); err == nil || isPermanent(t, err) {
		t.Errorf("down: %v, want what a retry may mend", err)
	}
	g.SetDown(false)
	if err := m.Send(t.Context(), key, d); err != nil {
		t.Errorf("up again: %v", err)
	}
	if counts := g.Counts(); counts.Taken["email"] != 1 || counts.Repeated != 2 || counts.Refused != 1 || len(m.idle) != 1 {
		t.Errorf("counted %+v, %d connections are kept: want 1 taken, 2 repeats, 1 refused, 1 connection", counts, len(m.idle))
	}
	forged := *d
	forged.To = "x@example.com>\r\nRCPT TO:<y@example.com"
	if err := m.Send(t.Context(), necro.NewID(), &forged); err == nil {
		t.Error("a line end in an address passes")
	}
	g.Close()
	if err := m.Send(t.Context(), key, d); err == nil || isPermanent(t, err) {
		t.Errorf("gone: %v, want what a retry may mend", err)
	}
}

func TestMailServerIsSlow(t *testing.T) {
	g, _ := startGateway(t, gateway.Options{Latency: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	m := NewMailServer(g.MailAddr(), "shop@example.com", 2)
	err := m.Send(ctx, necro.NewID(), &Delivery{1, "ada", Email, "ada@example.com", "Hello", Low, 1})
	if err == nil || isPermanent(t, err) || len(m.idle) != 0 {
		t.Errorf("slow: %v, %d connections are kept, want none", err, len(m.idle))
	}
}

// TestServersOfYourOwn sends through a mail server and a gateway that are named, and that fail
// and lose answers: what they took is what the report says, each message once.
func TestServersOfYourOwn(t *testing.T) {
	g, taken := startGateway(t, gateway.Options{Seed: 3, Failures: 0.2})
	got := runArgs(t.Context(), nil, "--smtp", g.MailAddr(), "--gateway", g.URL()+"/", "testdata/more.json")
	got.Expect(t, cli.ExitDone, []string{"asked    2 notifications: 2 completed"}, nil)
	if strings.Contains(got.Stdout, "gateway  ") {
		t.Error("the report counts for a gateway of somebody else's")
	}
	seen := map[string]string{}
	for range 3 {
		m := <-taken
		seen[m.Channel] = m.To
	}
	if seen["email"] != "ada@example.com" || seen["push"] != "device-ada" || seen["sms"] != "+15550100002" || len(taken) > 0 {
		t.Errorf("sent to %v, and %d more", seen, len(taken))
	}
}
