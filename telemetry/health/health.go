// Package health answers the probes of an orchestrator over HTTP: whether a process lives, and
// whether it is ready. It needs nothing but the standard library.
//
// Anybody who reaches the handlers sees states: whether something is wrong, and with which organ.
// Texts of errors, reasons, counts and names of events are details, which are shown to requests that
// [WithDetails] lets see them.
//
//	health.go   the handlers, and what decides
//	look.go     the look at the backend that requests share
//	report.go   the JSON that they answer with
package health

import (
	"encoding/json"
	"net/http"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// Timeout is how long Ready waits for the backend.
const Timeout = 3 * time.Second

// DefaultMaxAge is how old the look at the backend may be that Ready answers from.
const DefaultMaxAge = time.Second

// Option changes what the handlers do.
type Option func(*options)

type options struct {
	details func(*http.Request) bool
	maxAge  time.Duration
}

// WithDetails shows details to the requests for which allowed returns true: texts of errors, with secrets
// masked, why an organ is paused, how much is stored, and names of events. Without WithDetails no answer shows
// them. The names of events may have come from outside.
func WithDetails(allowed func(*http.Request) bool) Option {
	return func(o *options) { o.details = allowed }
}

// WithMaxAge sets how old the look at the backend may be that Ready answers from. The default is a
// second: however many requests come, the backend is asked once in that time. 0 asks it for each.
func WithMaxAge(d time.Duration) Option {
	return func(o *options) { o.maxAge = d }
}

func applyOptions(list []Option) options {
	o := options{details: func(*http.Request) bool { return false }, maxAge: DefaultMaxAge}
	for _, option := range list {
		option(&o)
	}
	return o
}

// Handler serves Live at /livez and Ready at /readyz.
func Handler(spine *necro.Spine, options ...Option) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /livez", Live(spine, options...))
	mux.Handle("GET /readyz", Ready(spine, options...))
	return mux
}

// Live answers 503 when only a new process helps: all slots of an organ are taken by handlers
// that ignore their cancelled context. It asks no backend, for a restart mends none.
func Live(spine *necro.Spine, list ...Option) http.Handler {
	o := applyOptions(list)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeAnswer(w, liveReport(spine), o.details(r))
	})
}

// Ready answers 503 when the process should get no work: the backend does not answer, or its last call failed,
// an organ is stuck, or the organs do not run, because Run was not called yet, the backend was not there to bind
// them, or the spine was told to stop. A spine without organs need not run. Paused organs, open breakers, and
// events and organs that no process handles are in the answer, and no reason.
func Ready(spine *necro.Spine, list ...Option) http.Handler {
	o := applyOptions(list)
	l := &look{spine: spine, maxAge: o.maxAge}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeAnswer(w, readyReport(l.currentHealth(r.Context())), o.details(r))
	})
}

func writeAnswer(w http.ResponseWriter, r Report, details bool) {
	if !details {
		r = r.withoutDetails()
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if r.Status != StatusOK {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	_ = out.Encode(r) // the connection broke: the answer has no reader
}
