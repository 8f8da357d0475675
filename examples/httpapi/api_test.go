package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
)

func start(t *testing.T, limit int) *service {
	t.Helper()
	return startOn(t, memory.New(memory.WithLimit(limit), memory.FailWhenFull()))
}

func startOn(t *testing.T, backend necro.Backend) *service {
	t.Helper()
	s, err := newService(t.Context(), backend, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// do sends a request, and returns the status and the body.
func (s *service) do(method, path, key, body string) (*http.Response, map[string]any) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	w := httptest.NewRecorder()
	s.api.Handler().ServeHTTP(w, r)
	var answer map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		answer = map[string]any{"not JSON": w.Body.String()}
	}
	return w.Result(), answer
}

// wantCents wants an account to hold so much.
func (s *service) wantCents(t *testing.T, account string, want int64) {
	t.Helper()
	got, _, err := necro.Load[Account](t.Context(), s.api.publisher, account)
	if err != nil || got.Cents != want {
		t.Errorf("%s has %d cents, want %d (error %v)", account, got.Cents, want, err)
	}
}

const payment = `{"account": "ada", "cents": 4200}`

func TestRepeatedKeyIsBookedOnce(t *testing.T) {
	s := start(t, 100)
	for _, key := range []string{"order-17", "order-17", "order-17", "order-18", "", ""} {
		got, answer := s.do("POST", "/payments", key, payment)
		if got.StatusCode != http.StatusAccepted {
			t.Fatalf("key %q: status %d, %v", key, got.StatusCode, answer)
		}
		if want := necro.IDOf(key).String(); key != "" && answer["id"] != want {
			t.Errorf("key %q: id %v, want %s", key, answer["id"], want)
		}
	}
	if _, err := s.worker.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.wantCents(t, "ada", 4*4200) // two keys, and two without
}

// TestPaymentsOutliveTheProgram takes a payment that another run of the program books, and a third one knows the balance.
func TestPaymentsOutliveTheProgram(t *testing.T) {
	server := redistest.Start(t)
	open := func() cli.Backend {
		b, err := cli.Open(t.Context(), server.URL(), "httpapi", slog.New(slog.DiscardHandler), nil)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	first := open()
	if got, answer := startOn(t, first).do("POST", "/payments", "order-17", payment); got.StatusCode != http.StatusAccepted {
		t.Fatalf("status %d, %v", got.StatusCode, answer)
	}
	first.Close()
	second := open()
	defer second.Close()
	s := startOn(t, second)
	for _, key := range []string{"order-17", "order-18"} {
		s.do("POST", "/payments", key, payment)
	}
	if _, err := s.worker.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.wantCents(t, "ada", 2*4200)
	third := open()
	defer third.Close()
	startOn(t, third).wantCents(t, "ada", 2*4200)
}

func TestKeyThatIsAnID(t *testing.T) {
	s, id := start(t, 100), necro.NewID().String()
	if _, answer := s.do("POST", "/payments", id, payment); answer["id"] != id {
		t.Errorf("got id %v, want %s", answer["id"], id)
	}
}

func TestRefused(t *testing.T) {
	s := start(t, 100)
	for _, test := range []struct {
		name, key, body string
		status          int
		text            string
	}{
		{"not JSON", "", `{"account"`, http.StatusBadRequest, "unexpected EOF"},
		{"nothing", "", ``, http.StatusBadRequest, "EOF"},
		{"wrong type", "", `{"cents": "much"}`, http.StatusBadRequest, "cents"},
		{"unknown field", "", `{"acount": "ada"}`, http.StatusBadRequest, "acount"},
		{"two payments", "", payment + payment, http.StatusBadRequest, "something follows"},
		{"too large", "", `{"account": "` + strings.Repeat("x", maxBody) + `"}`, http.StatusRequestEntityTooLarge, "too large"},
		{"long key", strings.Repeat("k", maxKey+1), payment, http.StatusBadRequest, "longer than 255"},
	} {
		got, answer := s.do("POST", "/payments", test.key, test.body)
		if text, _ := answer["error"].(string); got.StatusCode != test.status || !strings.Contains(text, test.text) {
			t.Errorf("%s: %d %v, want %d and %q", test.name, got.StatusCode, answer, test.status, test.text)
		}
	}
}

func TestViolations(t *testing.T) {
	got, answer := start(t, 100).do("POST", "/payments", "", `{"cents": -1, "email": "x"}`)
	text, _ := json.Marshal(answer)
	want := `{"error":"the payment is invalid","violations":[` +
		`{"message":"is required","path":"account","rule":"required"},` +
		`{"message":"must be greater than 0","param":"0","path":"cents","rule":"gt"},` +
		`{"message":"must be a valid email address","path":"email","rule":"email"}]}`
	if got.StatusCode != http.StatusUnprocessableEntity || string(text) != want {
		t.Errorf("%d\n%s\nwant\n%s", got.StatusCode, text, want)
	}
}

func TestFull(t *testing.T) {
	s := start(t, 1)
	if err := s.worker.Publish(t.Context(), &PaymentRequested{Account: "bob", Cents: 1}); err != nil { // binds the organ
		t.Fatal(err)
	}
	got, answer := s.do("POST", "/payments", "k", payment)
	if got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") != "1" {
		t.Fatalf("%d %v, Retry-After %q", got.StatusCode, answer, got.Header.Get("Retry-After"))
	}
	if _, err := s.worker.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, answer = s.do("POST", "/payments", "k", payment); got.StatusCode != http.StatusAccepted {
		t.Errorf("once there is room: %d %v", got.StatusCode, answer)
	}
}

func TestBalanceAndHealth(t *testing.T) {
	s := start(t, 100)
	if got, _ := s.do("GET", "/accounts/ada", "", ""); got.StatusCode != http.StatusNotFound {
		t.Errorf("no account: %d", got.StatusCode)
	}
	s.do("POST", "/payments", "", payment)
	if _, err := s.worker.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, answer := s.do("GET", "/accounts/ada", "", ""); got.StatusCode != http.StatusOK || answer["cents"] != 4200.0 {
		t.Errorf("account: %d %v", got.StatusCode, answer)
	}
	if got, answer := s.do("GET", "/healthz", "", ""); got.StatusCode != http.StatusOK {
		t.Errorf("health: %d %v", got.StatusCode, answer)
	}
	if got, _ := s.do("GET", "/payments", "", ""); got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET of payments: %d", got.StatusCode)
	}
}

// TestShutdown ends a server under load: every payment that was answered with 202 is booked.
func TestShutdown(t *testing.T) {
	s := start(t, 65536)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- s.serveRequests(ctx, l) }()

	var mu sync.Mutex
	accepted := 0
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for post(l.Addr()) {
				mu.Lock()
				if accepted++; accepted == 200 {
					stop()
				}
				mu.Unlock()
			}
		})
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	clients.Wait()
	if s.wantCents(t, "ada", int64(accepted)*4200); accepted < 200 {
		t.Errorf("%d payments of 4200, want 200 or more", accepted)
	}
}

// post reports whether a payment was taken in.
func post(to net.Addr) bool {
	got, err := http.Post("http://"+to.String()+"/payments", "application/json", strings.NewReader(payment))
	if err != nil {
		return false
	}
	defer got.Body.Close()
	io.Copy(io.Discard, got.Body)
	return got.StatusCode == http.StatusAccepted
}

func TestRun(t *testing.T) {
	t.Setenv(redisstream.EnvURL, "")
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, test := range []struct {
		args   []string
		code   int
		output string
	}{
		{[]string{"--help"}, cli.ExitDone, "usage: httpapi"},
		{[]string{"--addr", "127.0.0.1:0"}, cli.ExitDone, "listening"},
		{[]string{"--addr", "127.0.0.1:0", "--log-format", "json"}, cli.ExitDone, `"msg":"stopped"`},
		{[]string{"--redis", "localhost:6379"}, cli.ExitUsage, "need a URL as in redis://localhost:6379/0"},
		{[]string{"--addr", "nowhere"}, cli.ExitUsage, "httpapi: listen tcp"},
		{[]string{"--log-format", "xml"}, cli.ExitUsage, "need text or json"},
		{[]string{"serve"}, cli.ExitUsage, "unexpected argument \"serve\"\ntry httpapi --help"},
	} {
		var output bytes.Buffer
		if code := runProgram(stopped, test.args, &output, &output); code != test.code || !strings.Contains(output.String(), test.output) {
			t.Errorf("%q: exit code %d, %s", test.args, code, output.String())
		}
	}
}
