package cli

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Backend is what the examples need of a backend.
type Backend interface {
	necro.Backend
	contract.Admin
}

// RedisFlag declares --redis. Its default is not shown: the URL in the environment may hold a
// password.
func RedisFlag(flags *flag.FlagSet, url *string) {
	flags.StringVar(url, "redis", "", "keep events in the Redis at this `URL`, as in redis://localhost:6379/0 (default $"+redisstream.EnvURL+")")
}

// Open returns the Redis at url or, without one, the one that redisstream.FromEnv finds; without
// both, the other backend. A spine would wait for a server that does not answer, but whoever types
// a command wants to know at once.
func Open(ctx context.Context, url, namespace string, log *slog.Logger, other Backend) (Backend, error) {
	if url == "" && os.Getenv(redisstream.EnvURL) == "" {
		return other, nil
	}
	redis.SetLogger(clientLog{log})
	open := func(o ...redisstream.Option) (*redisstream.Backend, error) { return redisstream.Open(url, o...) }
	if url == "" {
		open = redisstream.FromEnv
	}
	backend, err := open(redisstream.WithNamespace(namespace), redisstream.WithLogger(log))
	if err != nil {
		return nil, err
	}
	if err := backend.Health(ctx).Err; err != nil {
		backend.Close()
		return nil, err
	}
	return backend, nil
}

// Client returns a client of the Redis that Open opens, for what an example itself keeps there,
// or nil where Open returns the other backend.
func Client(url string) (*redis.Client, error) {
	password := ""
	if url == "" {
		url, password = os.Getenv(redisstream.EnvURL), os.Getenv(redisstream.EnvPassword)
	}
	if url == "" {
		return nil, nil
	}
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, err
	}
	options.Password = cmp.Or(options.Password, password)
	return redis.NewClient(options), nil
}

// clientLog takes what the client library tells by itself. The backend's errors say it, too.
type clientLog struct{ *slog.Logger }

func (l clientLog) Printf(ctx context.Context, format string, args ...any) {
	l.DebugContext(ctx, fmt.Sprintf(format, args...))
}
