package health_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/internal/testkit/intercept"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/telemetry/health"
)

// body returns what a handler answers to GET /readyz.
func body(h http.Handler, header ...string) string {
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/readyz", nil)
	for _, key := range header {
		r.Header.Set(key, "yes")
	}
	h.ServeHTTP(w, r)
	return w.Body.String()
}

// TestDetailsAreForThoseWhoMaySee pauses an organ with a reason that holds a secret, parks an event
// with a name from outside, and leaves the organ without a process: anybody sees that it is so, those
// who may see details see the words, and the secret is shown to nobody.
func TestDetailsAreForThoseWhoMaySee(t *testing.T) {
	b := memory.New()
	s, err := necro.New(b, necro.WithLogger(nil), necro.WithOrgans(&Hand{func(context.Context) error { return nil }}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Drain(t.Context()); err != nil { // the organ is bound now, and nothing runs it
		t.Fatal(err)
	}
	if err := b.Pause(t.Context(), "telemetry.Hand", "dial redis://u:hunter2@db, clientsecret=hunter2: refused"); err != nil {
		t.Fatal(err)
	}
	id := necro.NewID()
	raw := &contract.EventType{Name: "RAW", Version: 1}
	if _, err := b.Publish(t.Context(), []necro.Message{{ID: id, Correlation: id, Type: raw, Event: &Asked{}}}, contract.PublishOptions{}); err != nil {
		t.Fatal(err)
	}
	h := health.Handler(s, health.WithDetails(func(r *http.Request) bool { return r.Header.Get("X-Operator") != "" }))
	states, details := body(h), body(h, "X-Operator")
	for _, text := range []string{"hunter2"} {
		if strings.Contains(states+details, text) {
			t.Errorf("%q is shown:\n%s\n%s", text, states, details)
		}
	}
	for _, text := range []string{"refused", "RAW", "stored", "unserved", "durability"} {
		if strings.Contains(states, text) {
			t.Errorf("anybody sees %q:\n%s", text, states)
		}
		if text != "durability" && !strings.Contains(details, text) {
			t.Errorf("nobody sees %q:\n%s", text, details)
		}
	}
	for _, state := range []string{`"paused": true`, `"parked": 1`, `"organs": 1`, `"up": true`, `"error": "the organs do not run"`} {
		if !strings.Contains(states, state) {
			t.Errorf("want %s in\n%s", state, states)
		}
	}
}

// TestRequestsShareALook sends many requests at once and one after the other: the backend is asked once.
func TestRequestsShareALook(t *testing.T) {
	var asked atomic.Int32
	gate := make(chan struct{})
	b := intercept.New(memory.New(), intercept.Calls{Health: func(ctx context.Context, b necro.Backend) contract.Health {
		asked.Add(1)
		<-gate
		return b.Health(ctx)
	}})
	s, err := necro.New(b)
	if err != nil {
		t.Fatal(err)
	}
	h := health.Handler(s, health.WithMaxAge(1<<62))
	var requests sync.WaitGroup
	for range 20 {
		requests.Go(func() { body(h) })
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil).WithContext(gone))
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("a request that is gone gets %d", w.Code)
	}
	close(gate)
	requests.Wait()
	for range 20 {
		body(h)
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("the backend is asked %d times for 40 requests, want 1", n)
	}
	fresh := health.Handler(s, health.WithMaxAge(0))
	body(fresh)
	body(fresh)
	if n := asked.Load(); n != 3 {
		t.Errorf("without an age two requests ask %d times, want 2", n-1)
	}
}
