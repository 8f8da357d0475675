package sqlite

import (
	"fmt"
	"log/slog"
	"time"
)

// DefaultLimit is how many deliveries the file holds before Publish waits.
const DefaultLimit = 1_000_000

type config struct {
	limit    int64
	failFull bool
	normal   bool // synchronous=NORMAL
	patience time.Duration
	log      *slog.Logger
}

func defaultConfig() config {
	return config{limit: DefaultLimit, patience: 10 * time.Second, log: slog.Default()}
}

// Option changes how [Open] opens a backend.
type Option func(*config) error

// WithLimit sets how many deliveries the file holds before Publish waits: those that are ready, leased or scheduled,
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

// WithoutSync leaves it to the operating system when a commit reaches the disk (synchronous=NORMAL). A crash of the process
// loses nothing. A crash of the machine may lose the last commits, and never a part of one: deliveries settled in them run
// again, and events published in them are gone.
func WithoutSync() Option {
	return func(c *config) error { c.normal = true; return nil }
}

// WithPatience sets how long a call waits while another process holds the lock of the file, before it returns
// contract.ErrBackendUnavailable. The default is ten seconds.
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
