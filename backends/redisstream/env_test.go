package redisstream_test

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
)

// TestFromEnv opens a server that wants a password, in a namespace of the environment.
func TestFromEnv(t *testing.T) {
	r := alone(t)
	r.do("config", "set", "requirepass", "tiger")
	t.Setenv(redisstream.EnvURL, r.server.URL())
	t.Setenv(redisstream.EnvPassword, "tiger")
	t.Setenv(redisstream.EnvNamespace, "shop")
	t.Setenv("NECRO_REDIS_CACHE_RETRY", "3") // a policy of an organ redis.Cache
	b, err := redisstream.FromEnv(redisstream.WithNamespace("other"), redisstream.WithLogger(nil))
	r.ok(err, "from the environment")
	defer b.Close()
	r.ok(b.Health(r.ctx).Err, "health")
	r.redis = redis.NewClient(&redis.Options{Addr: r.server.Addr(), Password: "tiger"})
	defer r.redis.Close()
	same(r, "namespaces shop", r.do("EXISTS", "necro:{shop:0}:meta").(int64), 1)

	// A password of the URL counts.
	t.Setenv(redisstream.EnvURL, "redis://:lion@"+r.server.Addr())
	b, err = redisstream.FromEnv(redisstream.WithLogger(nil))
	r.ok(err, "from the environment")
	defer b.Close()
	r.oneLine(b.Health(r.ctx).Err, "redis refuses the user name or password")
}

func TestFromEnvIsWrong(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{redisstream.EnvURL, "", "NECRO_REDIS_URL is not set: need a URL as in redis://localhost:6379/0"},
		{redisstream.EnvURL, "localhost:6379", "redisstream: NECRO_REDIS_URL: need a URL"},
		{redisstream.EnvNamespace, "a b", `redisstream: NECRO_REDIS_NAMESPACE: WithNamespace("a b"): need `},
		{"NECRO_REDIS_PASWORD", "tiger", "redisstream: the environment has NECRO_REDIS_PASWORD, which is no setting; did you mean NECRO_REDIS_PASSWORD?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(redisstream.EnvURL, "redis://localhost")
			t.Setenv(c.name, c.value)
			if _, err := redisstream.FromEnv(); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "tiger") {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}
