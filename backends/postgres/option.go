package postgres

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"time"
)

// DefaultLimit is how many deliveries the database holds before Publish waits.
const DefaultLimit = 1_000_000

// DefaultNamespace is the schema in which everything is stored.
const DefaultNamespace = "necro"

type config struct {
	namespace   string
	existing    bool // a schema that is missing is not made
	limit       int64
	failFull    bool
	connections int32
	listen      string // address of the server for LISTEN; empty for that of Open
	sessions    bool   // each connection is a session, whatever is in between
	patience    time.Duration
	log         *slog.Logger
}

func defaultConfig() config {
	return config{namespace: DefaultNamespace, limit: DefaultLimit, patience: 10 * time.Second, log: slog.Default()}
}

// Option changes how [Open] opens a backend.
type Option func(*config) error

// namespaces are the names that need no quotes anywhere, and leave room for suffixes.
var namespaces = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,39}$`)

// WithNamespace sets the schema in which everything is stored. Backends of different namespaces know nothing of each other.
// The default is [DefaultNamespace].
func WithNamespace(name string) Option {
	return func(c *config) error {
		if !namespaces.MatchString(name) {
			return fmt.Errorf("WithNamespace(%.60q): need a name of 1 to 40 lower-case letters, digits and underscores, without a digit in front", name)
		}
		c.namespace = name
		return nil
	}
}

// WithLimit sets how many deliveries the namespace holds before Publish waits: those that are ready, leased or scheduled,
// for all organs together. The default is [DefaultLimit]. What organs keep as state does not count.
func WithLimit(deliveries int) Option {
	return func(c *config) error {
		if deliveries < 1 {
			return fmt.Errorf("WithLimit(%d): need at least 1", deliveries)
		}
		c.limit = int64(deliveries)
		return nil
	}
}

// FailWhenFull lets Publish return contract.ErrFull where it would wait.
func FailWhenFull() Option {
	return func(c *config) error { c.failFull = true; return nil }
}

// WithConnections sets how many connections the backend opens at most, beside the one on which it listens. The default is
// pool_max_conns of the address, else four or the number of cores, whichever is more.
func WithConnections(n int) Option {
	return func(c *config) error {
		if n < 1 || n > 10_000 {
			return fmt.Errorf("WithConnections(%d): need 1 to 10000", n)
		}
		c.connections = int32(n)
		return nil
	}
}

// WithListenAddress sets the address by which the backend listens for what other processes publish. Behind a pooler in
// transaction mode nobody can listen: name the server itself, and idle consumers learn of events at once. Without it they look
// ten times a second there.
func WithListenAddress(address string) Option {
	return func(c *config) error {
		if address == "" {
			return errors.New("WithListenAddress: the address is empty: it looks like postgres://user:password@host:5432/database?sslmode=verify-full")
		}
		c.listen = address
		return nil
	}
}

// WithSessions says that the pooler in between keeps a session of the server for each connection (PgBouncer with
// pool_mode=session). [Open] notices poolers, and by default counts on nothing that outlives a transaction there, which takes
// the server more time for each statement.
func WithSessions() Option {
	return func(c *config) error { c.sessions = true; return nil }
}

// WithPatience sets how long a call waits for the server before it returns contract.ErrBackendUnavailable. The default is
// ten seconds.
func WithPatience(d time.Duration) Option {
	return func(c *config) error {
		if d < time.Millisecond {
			return fmt.Errorf("WithPatience(%v): need at least 1ms", d)
		}
		c.patience = d
		return nil
	}
}

// WithLogger sets where the backend reports what no call returns. The default is slog.Default(); nil is none.
func WithLogger(log *slog.Logger) Option {
	return func(c *config) error {
		if c.log = log; log == nil {
			c.log = slog.New(slog.DiscardHandler)
		}
		return nil
	}
}
