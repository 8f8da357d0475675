package redisstream

import (
	"fmt"
	"log/slog"
	"regexp"

	"github.com/necrostack/necrogen/backends/redisstream/internal/loop"
	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
)

// config is what the options say.
type config = loop.Config

func defaultConfig() config {
	return config{Namespace: "default", PartitionCount: 1, Pack: message.MaxPack, Log: slog.Default()}
}

// Option changes how a backend works.
type Option func(*config) error

var namespacePattern = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// WithNamespace keeps programs apart that share a server: all keys of a backend begin with
// necro:{namespace:. The default is "default".
func WithNamespace(namespace string) Option {
	return func(c *config) error {
		if !namespacePattern.MatchString(namespace) {
			return fmt.Errorf("WithNamespace(%q): need 1 to 64 letters, digits, dots, dashes or underscores", namespace)
		}
		c.Namespace = namespace
		return nil
	}
}

// WithPartitions spreads chains over n partitions, each with keys of its own that a Redis
// Cluster may keep on another node; the default is 1. A chain stays in the partition that the
// key of its first event chooses, so order holds within it. The number is fixed when a
// namespace is first used.
func WithPartitions(n int) Option {
	return func(c *config) error {
		if n < 1 || n > 1024 {
			return fmt.Errorf("WithPartitions(%d): need 1 to 1024", n)
		}
		c.PartitionCount = n
		return nil
	}
}

// WithPack bounds how many events share an entry for organs whose policy does not say; the
// default is 64, the most there can be. 1 turns packing off.
func WithPack(n int) Option {
	return func(c *config) error {
		if n < 1 || n > message.MaxPack {
			return fmt.Errorf("WithPack(%d): need 1 to %d", n, message.MaxPack)
		}
		c.Pack = n
		return nil
	}
}

// WithLogger sets where the backend reports; the default is slog.Default. Nil reports nowhere.
func WithLogger(log *slog.Logger) Option {
	return func(c *config) error {
		if log == nil {
			log = slog.New(slog.DiscardHandler)
		}
		c.Log = log
		return nil
	}
}
