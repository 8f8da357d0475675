package health_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/telemetry/health"
)

//go:generate go tool necrogen

//necro:event TELEMETRY_HEALTH_ASKED
type Asked struct{}

// Hand handles what it is asked as its function does.
//
//necro:organ telemetry.Hand
type Hand struct{ do func(context.Context) error }

//necro:handle
func (h *Hand) Do(ctx context.Context, _ *Asked) error { return h.do(ctx) }

// seen shows details to everybody.
var seen = health.WithDetails(func(*http.Request) bool { return true })

// ask returns the status and the body of an answer.
func ask(t *testing.T, s *necro.Spine, path string) (int, health.Report) {
	t.Helper()
	w := httptest.NewRecorder()
	health.Handler(s, seen).ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	var r health.Report
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil {
		t.Fatalf("%s: %v in %s", path, err, w.Body)
	}
	if (w.Code == http.StatusOK) != (r.Status == health.StatusOK) || (r.Error == "") != (w.Code == http.StatusOK) {
		t.Errorf("%s answers %d with %+v", path, w.Code, r)
	}
	return w.Code, r
}

// want waits for a status code of a path.
func want(t *testing.T, s *necro.Spine, path string, code int) health.Report {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		got, r := ask(t, s, path)
		if got == code {
			return r
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s answers %d with %+v, want %d", path, got, r, code)
		}
	}
}

// run starts a spine; stop ends it.
func run(t *testing.T, b necro.Backend, do func(context.Context) error, options ...necro.Option) (s *necro.Spine, stop func()) {
	t.Helper()
	s, err := necro.New(b, append(options, necro.WithOrgans(&Hand{do}), necro.WithLogger(nil))...)
	if err != nil {
		t.Fatal(err)
	}
	if code, r := ask(t, s, "/readyz"); code != 503 || r.Running || !strings.Contains(r.Error, "do not run") {
		t.Errorf("before Run it is ready: %d %+v", code, r)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	return s, func() {
		cancel()
		<-done
	}
}

func TestReadyWhileItRuns(t *testing.T) {
	b := memory.New()
	s, stop := run(t, b, func(context.Context) error { return errors.New("no") }, necro.WithPolicy("telemetry.Hand", necro.Retry(1)))
	want(t, s, "/readyz", 200)
	if err := s.Publish(t.Context(), &Asked{}); err != nil {
		t.Fatal(err)
	}
	for {
		_, r := ask(t, s, "/readyz")
		if o := r.Organs[0]; o.Organ == "telemetry.Hand" && o.Stored.Dead == 1 && o.Stored.Consumers == 1 {
			break
		}
	}
	if err := b.Pause(t.Context(), "telemetry.Hand", "lunch"); err != nil {
		t.Fatal(err)
	}
	if r := want(t, s, "/readyz", 200); r.Organs[0].Stored.Paused != "lunch" || !r.Organs[0].Paused {
		t.Errorf("paused: %+v", r.Organs[0].Stored)
	}
	stop()
	want(t, s, "/readyz", 503)
	want(t, s, "/livez", 200)
}

// broken is a backend that cannot be reached.
type broken struct{ *memory.Backend }

func (broken) Health(context.Context) contract.Health {
	return contract.Health{Err: errors.New("no route")}
}

func TestABackendThatIsDownIsNoReasonForARestart(t *testing.T) {
	s, err := necro.New(broken{memory.New()})
	if err != nil {
		t.Fatal(err)
	}
	if r := want(t, s, "/readyz", 503); r.Error != "no route" || r.Backend.Error != "no route" {
		t.Errorf("the answer is %+v", r)
	}
	want(t, s, "/livez", 200)
}

func TestAStuckOrganLivesNoMore(t *testing.T) {
	release := make(chan struct{})
	s, stop := run(t, memory.New(), func(context.Context) error { <-release; return nil },
		necro.WithPolicy("telemetry.Hand", necro.Timeout(time.Millisecond)), necro.WithGrace(time.Millisecond))
	want(t, s, "/readyz", 200)
	if err := s.Publish(t.Context(), &Asked{}); err != nil {
		t.Fatal(err)
	}
	r := want(t, s, "/livez", 503)
	if o := r.Organs[0]; !o.Stuck || o.Abandoned != 1 || !strings.Contains(r.Error, "telemetry.Hand") {
		t.Errorf("the answer is %+v", r)
	}
	want(t, s, "/readyz", 503)
	close(release)
	want(t, s, "/livez", 200)
	stop()
}

func TestAPublisherNeedNotRun(t *testing.T) {
	s, err := necro.New(memory.New())
	if err != nil {
		t.Fatal(err)
	}
	want(t, s, "/readyz", 200)
	w := httptest.NewRecorder()
	health.Handler(s).ServeHTTP(w, httptest.NewRequest("POST", "/readyz", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST gives %d", w.Code)
	}
}
