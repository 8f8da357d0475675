package necro

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/necrostack/necrogen/internal/redact"
	"github.com/necrostack/necrogen/runtime/contract"
)

// What holds unless an option says otherwise.
const (
	defaultGrace         = 15 * time.Second
	defaultDeclineLimit  = 15 * time.Minute
	defaultEmissions     = 10_000
	defaultEmissionBytes = 16 << 20
)

// Option changes how New builds a spine. Where an option is given twice, the last counts;
// WithOrgans, WithPolicy, WithPayloadLog and the three of middleware add up.
type Option func(*config) error

type config struct {
	organs      []Organ
	policies    []policyOverride
	env         []string // what PolicyFromEnv found
	others      []Organ  // of the program, which other processes run; known to PolicyFromEnv
	middleware  []func(RouteInfo, HandlerFunc) HandlerFunc
	publish     []func(PublishFunc) PublishFunc
	wanted      []publishChoice // of each element of publish
	values      map[any]func(context.Context) any
	log         *slog.Logger
	maxSteps    int64
	maxFailures int64
	grace       time.Duration
	lease       time.Duration
	declines    time.Duration
	deadLimit   int
	deadBytes   int64
	emitLimit   int
	emitBytes   int64
	// payloadSecrets are names of fields that log lines mask; nil when lines have no payload.
	payloadSecrets redact.Names
}

type policyOverride struct {
	organ   string
	options []PolicyOption
}

func defaultConfig() config {
	return config{
		log:       slog.Default(),
		grace:     defaultGrace,
		lease:     contract.DefaultLease,
		declines:  defaultDeclineLimit,
		deadLimit: contract.DefaultDeadLetters,
		deadBytes: contract.DefaultDeadBytes,
		emitLimit: defaultEmissions,
		emitBytes: defaultEmissionBytes,
	}
}

// WithOrgans gives the spine the organs that it runs. Without any it only publishes.
func WithOrgans(organs ...Organ) Option {
	return func(c *config) error {
		for i, o := range organs {
			if o == nil {
				return fmt.Errorf("WithOrgans: organ %d is nil", i+1)
			}
		}
		c.organs = append(c.organs, organs...)
		return nil
	}
}

// WithPolicy overrides the policy of the organ with this name, for all its handlers. A
// name that no organ has is an error of New.
func WithPolicy(organ string, options ...PolicyOption) Option {
	return func(c *config) error {
		c.policies = append(c.policies, policyOverride{organ, options})
		return nil
	}
}

// WithLogger sets where the spine logs. The default is slog.Default(); nil logs nothing.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) error {
		if l == nil {
			l = slog.New(slog.DiscardHandler)
		}
		c.log = l
		return nil
	}
}

// WithMaxSteps lets this process handle n deliveries; then Run and Drain return
// ErrMaxSteps, and the rest stays stored. 0 is no limit.
func WithMaxSteps(n int) Option {
	return func(c *config) error {
		c.maxSteps = int64(n)
		return atLeast("WithMaxSteps", n, 0)
	}
}

// WithMaxBackendFailures lets Run return ErrBackendUnavailable after n failed calls in a
// row. The default, 0, retries for ever.
func WithMaxBackendFailures(n int) Option {
	return func(c *config) error {
		c.maxFailures = int64(n)
		return atLeast("WithMaxBackendFailures", n, 0)
	}
}

// WithGrace sets how long a running handler may take to end: after the spine is told to
// stop, and after its context was cancelled. The default is 15 s.
func WithGrace(d time.Duration) Option {
	return func(c *config) error {
		c.grace = d
		return checkPositive("WithGrace", d)
	}
}

// WithLease sets how long a fetched delivery stays ours when this process falls silent.
// It is renewed at a third. The default is 30 s.
func WithLease(d time.Duration) Option {
	return func(c *config) error {
		c.lease = d
		return checkPositive("WithLease", d)
	}
}

// WithDeclineLimit sets how long a delivery of an unknown type or version waits for a
// program that knows it, before it becomes a dead letter. The default is 15 minutes.
func WithDeclineLimit(d time.Duration) Option {
	return func(c *config) error {
		c.declines = d
		return checkPositive("WithDeclineLimit", d)
	}
}

// WithDeadLetterLimit sets how many dead letters, and how many bytes of them, are kept for
// an organ before it pauses. Outcomes that are settled together are all kept, so the limit may be
// passed by one batch. The defaults are 100,000 and 256 MiB.
func WithDeadLetterLimit(letters int, bytes int64) Option {
	return func(c *config) error {
		c.deadLimit, c.deadBytes = letters, bytes
		if letters < 1 || bytes < 1 {
			return fmt.Errorf("WithDeadLetterLimit(%d, %d): need at least 1 each", letters, bytes)
		}
		return nil
	}
}

// WithEmissionLimit sets how many events, and how many encoded bytes, one handler call may
// emit. The defaults are 10,000 and 16 MiB. Bytes count only where the backend stores them, and
// with them the key and the headers that are stored with each event.
func WithEmissionLimit(events int, bytes int64) Option {
	return func(c *config) error {
		c.emitLimit, c.emitBytes = events, bytes
		if events < 1 || bytes < 1 {
			return fmt.Errorf("WithEmissionLimit(%d, %d): need at least 1 each", events, bytes)
		}
		return nil
	}
}

func checkPositive(name string, d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("%s(%s): need a duration over 0", name, d)
	}
	return nil
}
