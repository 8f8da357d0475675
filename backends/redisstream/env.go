package redisstream

import (
	"cmp"
	"fmt"
	"os"
	"slices"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/internal/environ"
)

// The variables that FromEnv reads, and necroctl.
const (
	EnvURL       = environ.RedisURL       // as Open takes it
	EnvPassword  = environ.RedisPassword  // where the URL has none
	EnvNamespace = environ.RedisNamespace // as WithNamespace takes it
)

// FromEnv returns a backend on the server that NECRO_REDIS_URL names, with the password
// NECRO_REDIS_PASSWORD where the URL has none. NECRO_REDIS_NAMESPACE counts over WithNamespace.
// A variable that is empty counts as one that is not set. Another one that begins with
// NECRO_REDIS_ is an error, unless it may be a policy of an organ.
func FromEnv(options ...Option) (*Backend, error) {
	if err := environ.Check(os.Environ(), environ.Prefix+"REDIS_"); err != nil {
		return nil, fmt.Errorf("redisstream: %w", err)
	}
	url := os.Getenv(EnvURL)
	if url == "" {
		return nil, fmt.Errorf("redisstream: %s is not set: need a URL as in redis://localhost:6379/0", EnvURL)
	}
	server, err := conn.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("redisstream: %s: %w", EnvURL, err)
	}
	server.Password = cmp.Or(server.Password, os.Getenv(EnvPassword))
	return openOwned(server, append(slices.Clone(options), namespaceFromEnv))
}

func namespaceFromEnv(c *config) error {
	namespace := os.Getenv(EnvNamespace)
	if namespace == "" {
		return nil
	}
	if err := WithNamespace(namespace)(c); err != nil {
		return fmt.Errorf("%s: %w", EnvNamespace, err)
	}
	return nil
}
