package all

import (
	"context"
	"errors"
	"strings"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/backends/postgres"
	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/backends/sqlite"
	"github.com/necrostack/necrogen/runtime/contract"
)

// engine is what opens the URLs of some schemes.
type engine struct {
	schemes    []string
	form       string // of a URL, for errors
	namespaces bool   // it takes WithNamespace
	// open gets the URL, and what stands behind its scheme and colon.
	open func(ctx context.Context, url, rest string, c *config) (contract.Backend, error)
}

// engines has memory first.
var engines = []engine{
	{[]string{"memory"}, "memory:", false, openMemory},
	{[]string{"sqlite"}, "sqlite:shop.db", false, openSQLite},
	{[]string{"redis", "rediss", "unix"}, "redis://localhost:6379/0", true, openRedis},
	{[]string{"postgres", "postgresql"}, "postgres://localhost/shop", true, openPostgres},
}

func openMemory(_ context.Context, _, rest string, c *config) (contract.Backend, error) {
	if c.existing || rest != "" {
		return nil, errors.New("open memory: its events are in their process alone: mount necroctl.Command in the program")
	}
	return memory.New(), nil
}

func openSQLite(_ context.Context, _, rest string, c *config) (contract.Backend, error) {
	open := sqlite.Open
	if c.existing {
		open = sqlite.OpenExisting
	}
	return backendOf(open(strings.TrimPrefix(rest, "//"), sqlite.WithLogger(c.log)))
}

func openRedis(ctx context.Context, url, _ string, c *config) (contract.Backend, error) {
	options := []redisstream.Option{redisstream.WithLogger(c.log)}
	if c.namespace != "" {
		options = append(options, redisstream.WithNamespace(c.namespace))
	}
	if c.existing {
		return backendOf(redisstream.OpenExisting(ctx, url, options...))
	}
	return backendOf(redisstream.Open(url, options...))
}

func openPostgres(ctx context.Context, url, _ string, c *config) (contract.Backend, error) {
	options := []postgres.Option{postgres.WithLogger(c.log)}
	if c.namespace != "" {
		options = append(options, postgres.WithNamespace(c.namespace))
	}
	open := postgres.Open
	if c.existing {
		open = postgres.OpenExisting
	}
	return backendOf(open(ctx, url, options...))
}

// backendOf keeps a nil pointer from becoming a backend that is not nil.
func backendOf[B contract.Backend](b B, err error) (contract.Backend, error) {
	if err != nil {
		return nil, err
	}
	return b, nil
}
