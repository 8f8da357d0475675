// Package health answers the probes of an orchestrator over HTTP: whether a process lives, and
// whether it is ready. It needs nothing but the standard library.
//
//	health.go   the handlers, and what decides
//	report.go   the JSON that they answer with
package health

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// Timeout is how long Ready waits for the backend.
const Timeout = 3 * time.Second

// Handler serves Live at /livez and Ready at /readyz.
func Handler(spine *necro.Spine) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /livez", Live(spine))
	mux.Handle("GET /readyz", Ready(spine))
	return mux
}

// Live answers 503 when only a new process helps: all slots of an organ are taken by handlers
// that ignore their cancelled context. It asks no backend, for a restart mends none.
func Live(spine *necro.Spine) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, live(spine))
	})
}

// Ready answers 503 when the process should get no work: the backend does not answer, or its
// last call failed, an organ is stuck, or the organs do not run, be it that Run was not called
// yet, that the backend was not there to bind them, or that the spine was told to stop. A spine
// without organs need not run. Paused organs and open breakers are in the answer, and no reason.
func Ready(spine *necro.Spine) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), Timeout)
		defer cancel()
		answer(w, ready(ctx, spine))
	})
}

func answer(w http.ResponseWriter, r Report) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if r.Status != StatusOK {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	_ = out.Encode(r) // the connection broke: there is nobody to tell
}
