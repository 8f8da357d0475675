package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/trace/noop"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// TestAStartWaitsForItsBackend: a backend that comes later is opened then, and one that is refused for good is not asked again.
func TestAStartWaitsForItsBackend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := errors.New("no such user")
		for _, c := range []struct{ last, want error }{{nil, nil}, {refused, refused}} {
			calls, began := 0, time.Now()
			b, err := retryUnavailable(t.Context(), discard, func() (necro.Backend, error) {
				if calls++; calls <= 20 {
					return nil, fmt.Errorf("dial: %w", necro.ErrBackendUnavailable)
				}
				return memory.New(), c.last
			})
			if took := time.Since(began); !errors.Is(err, c.want) || calls != 21 || took < 14*longestWait/2 || took > 20*longestWait {
				t.Errorf("%d calls in %s: %v, %v", calls, took, b, err)
			}
		}
	})
}

// TestAStopDuringTheStart: a service that is told to stop in Setup has stopped as it was told.
func TestAStopDuringTheStart(t *testing.T) {
	quietly(t, nil)
	ctx, stop := context.WithCancel(t.Context())
	err := Run(ctx, Config{Log: discard, Setup: func(ctx context.Context, _ *necro.Spine) error {
		stop()
		return fmt.Errorf("migrate: %w", ctx.Err())
	}})
	if err != nil {
		t.Errorf("told to stop in Setup: %v", err)
	}
}

// TestAServiceWaitsForItsServer: a process whose server of PostgreSQL is away waits for it, until it is told to stop. Its probes say
// meanwhile that it is alive, and not ready.
func TestAServiceWaitsForItsServer(t *testing.T) {
	away, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	away.Close()
	quietly(t, map[string]string{"NECRO_BACKEND_URL": "postgres://app:s3cret@" + away.Addr().String() + "/db?sslmode=disable", "NECRO_ADMIN_ADDR": "127.0.0.1:0"})
	var told bytes.Buffer
	ctx, stop := context.WithCancel(t.Context())
	log := slog.New(stopAt{slog.NewTextHandler(&told, nil), func() {
		defer stop()
		_, listens, _ := strings.Cut(told.String(), "part=admin addr=")
		addr, _, _ := strings.Cut(listens, "\n")
		for path, want := range map[string]int{"/livez": http.StatusOK, "/readyz": http.StatusServiceUnavailable} {
			if code, body := get(t, "http://"+addr+path); code != want || !strings.Contains(body, "starting") {
				t.Errorf("%s answers %d %q, want %d", path, code, body, want)
			}
		}
	}})
	if err := Run(ctx, Config{Log: log}); err != nil {
		t.Errorf("%v\n%s", err, told.String())
	}
	if text := told.String(); !strings.Contains(text, "the service waits for it") || strings.Contains(text, "s3cret") {
		t.Errorf("the log is\n%s", text)
	}
}

// stopAt is a handler of logs that stops a service when it warns.
type stopAt struct {
	slog.Handler
	stop func()
}

func (h stopAt) Handle(ctx context.Context, r slog.Record) error {
	if r.Level == slog.LevelWarn {
		h.stop()
	}
	return h.Handler.Handle(ctx, r)
}

// deafTraces are traces whose collector takes nothing, and lets its callers wait.
type deafTraces struct {
	noop.TracerProvider
	left *time.Duration // how long the flush might have taken
}

func (d deafTraces) ForceFlush(ctx context.Context) error {
	ends, _ := ctx.Deadline()
	*d.left = time.Until(ends)
	return errors.New("collector: connection refused")
}

// TestLostSpansAreAWarning: a drain is clean when a collector of traces is down, and its flush has no grace of its own.
func TestLostSpansAreAWarning(t *testing.T) {
	for _, grace := range []time.Duration{time.Millisecond, time.Hour} {
		quietly(t, map[string]string{"NECRO_GRACE": grace.String()})
		var told bytes.Buffer
		var left time.Duration
		ctx, stop := context.WithCancel(t.Context())
		err := Run(ctx, Config{
			Log:    slog.New(slog.NewTextHandler(&told, nil)),
			Traces: deafTraces{left: &left},
			Setup:  func(context.Context, *necro.Spine) error { stop(); return nil },
		})
		if err != nil || !strings.Contains(told.String(), "the last spans were not sent") || left > max(grace, endTime) {
			t.Errorf("%v, a flush of %s\n%s", err, left, told.String())
		}
	}
}

// TestAFailedServerLetsRequestsPublish: when a server fails, a request of another one that is under way ends before the spine does.
func TestAFailedServerLetsRequestsPublish(t *testing.T) {
	entered := make(chan bool)
	stopping, noteStop := context.WithCancel(t.Context())
	var p *parts
	config := Config{Backend: memory.New(), HTTP: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		entered <- true
		<-stopping.Done()
		if err := p.spine.Publish(r.Context(), &job{}); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})}
	p = &parts{config: &config, settings: settings{traceRatio: -1, grace: time.Hour, httpAddr: "127.0.0.1:0"}, log: discard}
	if err := p.build(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.public.http.RegisterOnShutdown(noteStop)
	served, answered := make(chan error, 1), make(chan string, 1)
	go func() { served <- errors.Join(p.serve(t.Context()), p.release()) }()
	go func() {
		answer, err := http.Get("http://" + p.public.l.Addr().String())
		if err != nil {
			answered <- err.Error()
			return
		}
		answer.Body.Close()
		answered <- answer.Status
	}()
	<-entered
	failure := errors.New("accept: too many open files")
	p.servers.fail(failure)
	if status := <-answered; status != "200 OK" {
		t.Errorf("the request was answered by %s", status)
	}
	if err := <-served; !errors.Is(err, failure) || ExitCode(err) != ExitFailed {
		t.Errorf("%v, exit code %d", err, ExitCode(err))
	}
}
