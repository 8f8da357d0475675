package necroctl

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"os"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/environ"
	"github.com/necrostack/necrogen/runtime/contract"
)

// OpenRedis is the [Opener] of Redis. A URL without a password gets that of the environment, a target without a namespace that
// of the environment, or "default". The number of partitions is read from Redis.
func OpenRedis(ctx context.Context, t Target) (contract.Backend, error) {
	if err := environ.Check(os.Environ(), environ.Prefix+"REDIS_"); err != nil {
		return nil, err
	}
	address, err := withRedisPassword(t.URL)
	if err != nil {
		return nil, err
	}
	namespace := cmp.Or(t.Namespace, os.Getenv(redisstream.EnvNamespace), "default")
	b, err := redisstream.OpenExisting(ctx, address, redisstream.WithNamespace(namespace), redisstream.WithLogger(nil))
	if err != nil {
		return nil, err
	}
	return b, nil
}

// withRedisPassword puts the password of the environment into a URL that has none.
func withRedisPassword(address string) (string, error) {
	password := os.Getenv(redisstream.EnvPassword)
	if password == "" {
		return address, nil
	}
	u, err := url.Parse(address)
	if err != nil { // whose text may hold a password
		return "", errors.New("the URL cannot be parsed: need one as in redis://user@localhost:6379/0")
	}
	if _, has := u.User.Password(); has {
		return address, nil
	}
	return withPassword(address, password)
}
