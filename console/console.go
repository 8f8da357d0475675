package console

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Option changes what [New] returns.
type Option func(*console)

// WithAuthenticator sets the authenticator that finds the user of a request; only known users see the pages. Without one the
// console answers only requests over the loopback interface.
func WithAuthenticator(a Authenticator) Option { return func(c *console) { c.authenticator = a } }

// WithActions allows users to change what is stored: to pause and resume organs, to redrive and discard dead letters, to run
// and cancel scheduled events. The function may chooses
// the users; nil allows all users that see the pages. Without this option the console is read-only.
func WithActions(may func(user string) bool) Option {
	if may == nil {
		may = func(string) bool { return true }
	}
	return func(c *console) { c.mayAct = may }
}

// WithHosts names the hosts, without ports, that requests may be for; requests for others are refused. Where [TrustedHeader]
// trusts this machine, the default is this machine; with other authenticators it is any host. A console without an authenticator serves this machine alone.
func WithHosts(hosts ...string) Option { return func(c *console) { c.hosts = hosts } }

// WithLogger sets where each action is told, with its user. The default is slog.Default(); nil is
// none.
func WithLogger(log *slog.Logger) Option {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return func(c *console) { c.log = log }
}

// console is the handler. Its fields are set by New, and never changed.
type console struct {
	backend       contract.Backend
	authenticator Authenticator
	hosts         []string // of WithHosts
	mayAct        func(user string) bool
	log           *slog.Logger
	answers       *answers
	searches      *answers             // those that read many stored events, so that no other page waits for a call of theirs
	specs         []contract.OrganSpec // of WithTopology
}

// New returns the pages over a backend, which stays open. They may be mounted at any path that ends with a slash; the path
// need not be stripped.
func New(backend contract.Backend, options ...Option) http.Handler {
	return newConsole(backend, options)
}

func newConsole(backend contract.Backend, options []Option) *console {
	c := &console{backend: backend, mayAct: func(string) bool { return false }, log: slog.Default(), answers: newAnswers(callsAtOnce), searches: newAnswers(searchesAtOnce)}
	for _, option := range options {
		option(c)
	}
	return c
}

// Bounds of the server, so that slow or silent clients hold little.
const (
	headerTime   = 10 * time.Second
	requestTime  = 30 * time.Second
	answerTime   = 2 * time.Minute // an action on all letters of an organ takes its time
	idleTime     = 2 * time.Minute
	shutdownTime = 5 * time.Second
	headerBytes  = 64 << 10
)

// Serve serves the pages at the root of a listener until ctx is done; it closes the listener, and returns when requests have
// ended, or five seconds later. It refuses a listener that is not bound to the loopback interface when there is no
// authenticator, because everybody who reaches it would see all events.
func Serve(ctx context.Context, l net.Listener, backend contract.Backend, options ...Option) error {
	c := newConsole(backend, options)
	if !c.authenticator.isSet() && !isLoopback(l.Addr()) {
		l.Close()
		return fmt.Errorf("console: the address %s can be reached from other machines, and there is no authenticator: listen on 127.0.0.1, or say who may see the pages", l.Addr())
	}
	server := &http.Server{Handler: c, ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: answerTime, IdleTimeout: idleTime, MaxHeaderBytes: headerBytes}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		patience, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		if server.Shutdown(patience) != nil {
			server.Close()
		}
	})
	err := server.Serve(l)
	if !stop() { // requests that are under way end first: an action without its line in the log would be one of nobody
		<-ended
	}
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("console: %w", err)
	}
	return nil
}
