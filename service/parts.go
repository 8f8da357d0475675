package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/necrostack/necrogen/backends/all"
	"github.com/necrostack/necrogen/console"
	"github.com/necrostack/necrogen/internal/environ"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/topology"
	"github.com/necrostack/necrogen/telemetry/health"
	"github.com/necrostack/necrogen/telemetry/necroprom"
	"github.com/necrostack/necrogen/telemetry/necrotel"
)

// parts are the backend, the spine and the servers of one Run. build fills them in its order; all fields but graceEnds and stopping
// do not change from then on.
type parts struct {
	config   *Config
	settings settings
	log      *slog.Logger

	organs  []necro.Organ // that this process runs
	backend necro.Backend
	opened  bool // the backend is ours to close
	spine   *necro.Spine
	metrics http.Handler // nil for none
	admin   adminPages
	servers *servers
	public  *server // what the service itself serves; nil for nothing

	graceEnds time.Time // when the handlers' grace is over; zero before they are told to end. Only Run's goroutine has it

	stopping atomic.Bool // /readyz answers 503
}

// build makes all parts. Of them it starts the probes alone, in front of the wait for the backend, so that nobody takes the process for
// dead meanwhile. Its errors match ErrConfig unless a new start may mend them.
func (p *parts) build(ctx context.Context) (err error) {
	if p.organs, err = p.settings.chooseOrgans(p.config.Organs); err != nil {
		return configError(err)
	}
	p.servers = newServers(p.log)
	if _, err = p.servers.listen("admin", p.settings.adminAddr, &p.admin); err != nil {
		return configError(err)
	}
	p.servers.start()
	if err := p.openBackend(ctx); err != nil {
		return configError(err)
	}
	if err := p.makeSpine(); err != nil {
		return configError(err)
	}
	if setup := p.config.Setup; setup != nil {
		if err := setup(ctx, p.spine); err != nil {
			return fmt.Errorf("set up the service: %w", err)
		}
	}
	return configError(p.listen())
}

// configError makes an error of the start one of the configuration, unless the backend is only unavailable.
func configError(err error) error {
	if err == nil || errors.Is(err, necro.ErrBackendUnavailable) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrConfig, err)
}

// openBackend opens the backend, and waits for one that does not answer yet.
func (p *parts) openBackend(ctx context.Context) (err error) {
	if p.backend = p.config.Backend; p.backend != nil {
		return nil
	}
	p.backend, err = retryUnavailable(ctx, p.log, func() (necro.Backend, error) {
		return all.Open(ctx, p.settings.backendURL, all.WithLogger(p.log))
	})
	p.opened = err == nil
	return err
}

// Waits between two attempts to open a backend that is not available.
const (
	shortestWait = 100 * time.Millisecond
	longestWait  = 5 * time.Second
)

// retryUnavailable opens a backend. While that is unavailable, it tries again with backoff, until ctx is done.
func retryUnavailable(ctx context.Context, log *slog.Logger, open func() (necro.Backend, error)) (necro.Backend, error) {
	for wait := shortestWait; ; wait = min(2*wait, longestWait) {
		b, err := open()
		if !errors.Is(err, necro.ErrBackendUnavailable) {
			return b, err
		}
		pause := wait/2 + rand.N(wait/2) // processes that wait for one backend do not come at the same moment
		log.Warn("the backend does not answer: the service waits for it", "again_in", pause, "err", err)
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
	}
}

// makeSpine makes the spine with what watches over it. Options of the program come last, so that they win.
func (p *parts) makeSpine() (err error) {
	options := []necro.Option{
		necro.WithLogger(p.log), necro.WithGrace(p.settings.grace), necro.WithOrgans(p.organs...), necro.PolicyFromEnv(p.config.Organs...),
	}
	if p.config.Traces != nil {
		var ratio []necrotel.TraceOption
		if p.settings.traceRatio >= 0 {
			ratio = append(ratio, necrotel.WithRatio(p.settings.traceRatio))
		}
		options = append(options, necrotel.Trace(p.config.Traces, ratio...))
	}
	measured := p.config.Metrics == nil
	metrics := necroprom.NewMetrics()
	if measured {
		options = append(options, metrics.Instrument())
	}
	if p.spine, err = necro.New(p.backend, append(options, p.config.Options...)...); err != nil {
		return err
	}
	p.metrics = p.config.Metrics
	if measured {
		metrics.Watch(p.spine)
		p.metrics, err = registerMetrics(p.config.Registry, metrics)
	}
	return err
}

// registerMetrics returns the handler of /metrics.
func registerMetrics(registry *prometheus.Registry, metrics *necroprom.Metrics) (http.Handler, error) {
	list := []prometheus.Collector{metrics}
	if registry == nil {
		registry = prometheus.NewRegistry()
		list = append(list, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	}
	for _, c := range list {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry}), nil
}

// listen opens the addresses of the parts that are not served yet, and completes those of the admin.
func (p *parts) listen() error {
	console, err := p.consoleHandler()
	if err != nil {
		return err
	}
	public, errPublic := p.servers.listen("http", p.settings.httpAddr, p.config.HTTP)
	_, errConsole := p.servers.listen("console", p.settings.consoleAddr, console)
	p.public = public
	p.admin.complete(p.adminHandler())
	return errors.Join(errPublic, errConsole)
}

// adminPages are what the admin address serves: until the service is built, that it is alive and not ready. Any goroutine may use them.
type adminPages struct{ built atomic.Pointer[http.Handler] }

func (a *adminPages) complete(h http.Handler) { a.built.Store(&h) }

func (a *adminPages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch h := a.built.Load(); {
	case h != nil:
		(*h).ServeHTTP(w, r)
	case r.URL.Path == "/livez":
		answerStatus(w, http.StatusOK, "starting")
	default:
		answerStatus(w, http.StatusServiceUnavailable, "starting")
	}
}

// answerStatus answers a probe.
func answerStatus(w http.ResponseWriter, code int, status string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	fmt.Fprintf(w, "{\n  \"status\": %q\n}\n", status)
}

// serveTopology tells necroctl prove what the release is: all organs of the program, also those that other processes run.
func (p *parts) serveTopology(w http.ResponseWriter, _ *http.Request) {
	var b bytes.Buffer
	if err := topology.Write(&b, p.config.Organs...); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Write(b.Bytes())
}

// adminHandler serves probes and metrics.
func (p *parts) adminHandler() http.Handler {
	mux := http.NewServeMux()
	if probes := p.config.Health; probes == nil {
		mux.Handle("GET /livez", health.Live(p.spine))
		mux.Handle("GET /readyz", p.readyUntilStop(health.Ready(p.spine)))
	} else if !isOff(probes) {
		mux.Handle("/livez", probes)
		mux.Handle("/readyz", probes)
	}
	mux.HandleFunc("GET /topology", p.serveTopology)
	if !isOff(p.metrics) {
		mux.Handle("GET /metrics", p.metrics)
	}
	return mux
}

// readyUntilStop answers 503 from the moment on at which the process is told to stop, while it still works.
func (p *parts) readyUntilStop(ready http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !p.stopping.Load() {
			ready.ServeHTTP(w, r)
			return
		}
		answerStatus(w, http.StatusServiceUnavailable, "stopping")
	})
}

// consoleHandler returns the console. Beyond the loopback interface it needs users.
func (p *parts) consoleHandler() (http.Handler, error) {
	if p.config.Console != nil || p.settings.consoleAddr == "" {
		return p.config.Console, nil
	}
	options := []console.Option{console.WithLogger(p.log), console.WithTopology(p.config.Organs...)}
	if p.settings.consoleActions {
		options = append(options, console.WithActions(nil))
	}
	switch file := p.settings.consoleUsers; {
	case file != "":
		users, err := console.BasicAuthFile(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", environ.ConsoleUsers, err)
		}
		options = append(options, console.WithAuthenticator(users))
	case len(p.config.ConsoleOptions) == 0 && !isLoopback(p.settings.consoleAddr):
		return nil, fmt.Errorf("%s=%s can be reached from other machines: name a file of users in %s, or listen on 127.0.0.1",
			environ.ConsoleAddr, p.settings.consoleAddr, environ.ConsoleUsers)
	}
	return console.New(p.backend, append(options, p.config.ConsoleOptions...)...), nil
}

// isLoopback reports whether only this machine reaches an address.
func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}
