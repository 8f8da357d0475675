package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/poll"
	"github.com/necrostack/necrogen/service"
)

// listeners is the log of a service, from which a test takes its addresses.
type listeners struct {
	mu    sync.Mutex
	addrs map[string]string // by the part of the service
}

// Write takes a line of the log.
func (l *listeners) Write(line []byte) (int, error) {
	var said struct{ Msg, Part, Addr string }
	if json.Unmarshal(line, &said) == nil && said.Msg == "listening" {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.addrs[said.Part] = "http://" + said.Addr
	}
	return len(line), nil
}

func (l *listeners) addr(part string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.addrs[part]
}

// start runs the service on free addresses until the test ends, and returns the addresses of its parts.
func start(t *testing.T, o *options) (shop, admin, console string) {
	t.Helper()
	for _, part := range []string{"HTTP", "ADMIN", "CONSOLE"} {
		t.Setenv("NECRO_"+part+"_ADDR", "127.0.0.1:0")
	}
	t.Setenv("NECRO_BACKEND_URL", "memory")
	log := &listeners{addrs: map[string]string{}}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, o, func(c *service.Config) { c.Log = slog.New(slog.NewJSONHandler(log, nil)) })
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	poll.Until(t, "the service listens", func() bool {
		select {
		case err := <-ended:
			t.Fatalf("it has ended: %v", err)
		default:
		}
		return log.addr("http") != "" && log.addr("admin") != "" && log.addr("console") != ""
	})
	return log.addr("http"), log.addr("admin"), log.addr("console")
}

// ask sends a request and returns the answer.
func ask(t *testing.T, method, url, body string) (status int, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// TestService: everything is on, an order is brought to its end, and the bank can be broken and mended.
func TestService(t *testing.T) {
	shop, admin, console := start(t, &options{backend: "sqlite:" + filepath.Join(t.TempDir(), "shop.db"), bank: filepath.Join(t.TempDir(), "bank")})
	order := func(id, query string) int {
		status, _ := ask(t, "POST", shop+"/orders"+query, `{"OrderID": "`+id+`", "Lines": [{"Item": "lamp", "Count": 1}], "Cents": 1000, "Country": "Iceland"}`)
		return status
	}
	if status := order("", ""); status != http.StatusUnprocessableEntity {
		t.Errorf("an order without an id: %d", status)
	}
	if a, b := order("one", ""), order("two", "?in=1h"); a != http.StatusAccepted || b != http.StatusAccepted {
		t.Errorf("orders: %d and %d", a, b)
	}
	for url, want := range map[string]string{
		shop + "/count": "1 orders: ", admin + "/livez": `"ok"`, admin + "/readyz": `"ok"`, admin + "/metrics": "necro_running 1", console + "/": "shop.Payments",
		console + "/scheduled": "1 event waits",
	} {
		var last string
		poll.Until(t, url+" has "+want, func() bool {
			_, last = ask(t, "GET", url, "")
			return strings.Contains(last, want)
		})
	}
	ask(t, "POST", shop+"/bank/down", "")
	if status := order("three", ""); status != http.StatusAccepted {
		t.Errorf("an order while the bank is down: %d", status)
	}
	poll.Until(t, "a dead letter tells what the bank has answered", func() bool {
		_, page := ask(t, "GET", console+"/dead?organ=shop.Payments", "")
		return strings.Contains(page, "503 Service Unavailable")
	})
	ask(t, "POST", shop+"/bank/up", "")
	if status := order("four", ""); status != http.StatusAccepted {
		t.Errorf("an order after the bank was mended: %d", status)
	}
	poll.Until(t, "the orders have ended", func() bool {
		_, text := ask(t, "GET", shop+"/count", "")
		return strings.Contains(text, "3 orders: ")
	})
}

// TestTraces: the spans of a publish and of handlers are in the file.
func TestTraces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spans")
	provider, end, err := traceTo(path)
	if err != nil {
		t.Fatal(err)
	}
	_, span := provider.Tracer("test").Start(t.Context(), "charge")
	span.End()
	end()
	if text, err := os.ReadFile(path); err != nil || !bytes.Contains(text, []byte(`"Name":"charge"`)) {
		t.Errorf("the file has %v\n%s", err, text)
	}
}

// TestArguments wants mistakes to be told, and help to be none.
func TestArguments(t *testing.T) {
	for args, want := range map[string]string{"--orders=-1": "from 0 to 1000", "--nosuch": "nosuch", "order": "no flag", "--help": "help requested", "--orders=5": ""} {
		var out bytes.Buffer
		_, err := parseOptions(strings.Fields(args), &out)
		if got := err != nil; got != (want != "") || got && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
}
