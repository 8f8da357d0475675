package service

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"github.com/necrostack/necrogen/console"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/telemetry/logs"
)

// Config is what a program says about its service. Its zero value is a service without organs over a backend in memory.
type Config struct {
	// Backend is where events are stored; it stays open. Without one, Run opens the backend that NECRO_BACKEND_URL names, and closes it.
	Backend necro.Backend
	// Organs are all organs of the program. NECRO_ORGANS says which of them a process runs; without it, it runs all.
	Organs []necro.Organ
	// Options are further options of the spine.
	Options []necro.Option

	// HTTP is what the service itself serves, at NECRO_HTTP_ADDR; nil serves nothing.
	HTTP http.Handler
	// Setup is called once, with the spine, before anything listens or runs: it gives the spine to the handlers that publish. An error of it
	// ends Run.
	Setup func(ctx context.Context, spine *necro.Spine) error

	// Log is the logger of the service; nil is one of package logs on standard error, as NECRO_LOG_FORMAT and NECRO_LOG_LEVEL say.
	Log *slog.Logger
	// Health is in place of /livez and /readyz, at NECRO_ADMIN_ADDR.
	Health http.Handler
	// Metrics is in place of /metrics, at NECRO_ADMIN_ADDR; with one, Run measures nothing.
	Metrics http.Handler
	// Registry is where the metrics of the spine are registered; nil is a registry that has those of Go and of the process, too.
	Registry *prometheus.Registry
	// Traces makes spans of publishes and handlers; nil makes none. NECRO_TRACE_RATIO samples them. When the provider has a method ForceFlush,
	// Run calls it at the end; its owner shuts it down.
	Traces trace.TracerProvider
	// Console is in place of the console, at NECRO_CONSOLE_ADDR.
	Console http.Handler
	// ConsoleOptions are further options of the console that Run makes: who may see it, and who may act.
	ConsoleOptions []console.Option
}

// off is the handler of a part that is left out.
type off struct{}

func (off) ServeHTTP(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }

// Off stands for a part of [Config] that is left out: Health, Metrics or Console.
func Off() http.Handler { return off{} }

// isOff reports whether a part is left out.
func isOff(h http.Handler) bool {
	_, left := h.(off)
	return left
}

// logger returns the logger of the service.
func (c *Config) logger() (*slog.Logger, error) {
	if c.Log != nil {
		return c.Log, nil
	}
	log, err := logs.FromEnv(os.Stderr)
	return cmp.Or(log, slog.Default()), err
}
