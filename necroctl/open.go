package necroctl

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/necrostack/necrogen/internal/environ"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Target says which backend an operator works on.
type Target struct {
	// URL is what -backend, -redis or the environment names, with the password of -password or, of Redis, the environment.
	URL string
	// Namespace is what -namespace or, of Redis, the environment names, or empty.
	Namespace string
}

// Opener opens the backend of a target for an operator. It makes nothing: a target that is not there is an error. Its errors
// tell no password.
type Opener func(ctx context.Context, t Target) (contract.Backend, error)

// serverFlags say which backend and which namespace. The default of the URL is not shown: it may hold a password.
func serverFlags(o *options, flags *flag.FlagSet) {
	flags.StringVar(&o.url, "backend", "", "the backend at this `URL`, as in redis://localhost:6379/0 (default $"+environ.BackendURL+", or that of -redis)")
	flags.StringVar(&o.redis, "redis", "", "the Redis at this `URL`, as in redis://localhost:6379/0 (default $"+environ.RedisURL+")")
	flags.StringVar(&o.namespace, "namespace", "", "the `name` that the programs give to the backend's WithNamespace (default of Redis $"+environ.RedisNamespace+", or default)")
	flags.BoolVar(&o.askPassword, "password", false, "ask for the password; else it is that of the URL, or of Redis $"+environ.RedisPassword)
}

// openBackend opens the backend that flags and environment name.
func (r *run) openBackend() error {
	target, err := r.findTarget()
	if err != nil {
		return err
	}
	if r.askPassword {
		password, err := r.readSecret("Password: ")
		if err != nil {
			return fmt.Errorf("read the password: %w", err)
		}
		if target.URL, err = withPassword(target.URL, password); err != nil {
			return err
		}
	} else if target.isRedis() {
		if target.URL, err = withRedisPassword(target.URL); err != nil {
			return err
		}
	}
	return r.awaitOpen(target)
}

// findTarget returns what flags and environment name.
func (r *run) findTarget() (t Target, err error) {
	if err := environ.Check(os.Environ(), environ.Prefix+"BACKEND_"); err != nil {
		return t, err
	}
	t = Target{cmp.Or(r.url, r.redis, os.Getenv(environ.BackendURL), os.Getenv(environ.RedisURL)), r.namespace}
	if t.URL == "" {
		return t, fmt.Errorf("which backend? Set %s or %s to a URL as in redis://localhost:6379/0, or use -backend", environ.BackendURL, environ.RedisURL)
	}
	if t.isRedis() {
		t.Namespace = cmp.Or(t.Namespace, os.Getenv(environ.RedisNamespace))
		return t, environ.Check(os.Environ(), environ.Prefix+"REDIS_")
	}
	return t, nil
}

// isRedis reports whether the variables of Redis say more about the target.
func (t *Target) isRedis() bool {
	scheme, _, _ := strings.Cut(t.URL, ":")
	return scheme == "redis" || scheme == "rediss" || scheme == "unix"
}

// openNote is how long opening may take without a word.
const openNote = 3 * time.Second

// awaitOpen opens the backend, and says so when that takes long.
func (r *run) awaitOpen(target Target) (err error) {
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		r.backend, err = r.open(r.ctx, target)
	}()
	select {
	case <-opened:
	case <-time.After(openNote):
		r.printNote("the backend has not answered for %s; still waiting", openNote)
		<-opened
	}
	return err
}

// withPassword puts a password into a URL.
func withPassword(address, password string) (string, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return "", errURL
	case u.Host == "" && u.Path == "":
		return "", fmt.Errorf("-password: a URL that begins with %s: has no place for one", u.Scheme)
	}
	u.User = url.UserPassword(u.User.Username(), password)
	return u.String(), nil
}

// withRedisPassword puts the password of the environment into a URL that has none.
func withRedisPassword(address string) (string, error) {
	password := os.Getenv(environ.RedisPassword)
	if password == "" {
		return address, nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", errURL
	}
	if _, has := u.User.Password(); has {
		return address, nil
	}
	return withPassword(address, password)
}

// errURL is the error of a URL that cannot be parsed. The parser's own error may hold a password.
var errURL = errors.New("the URL cannot be parsed: need one as in redis://user@localhost:6379/0")

// backendAs returns the backend as the part of the contract that the verb needs, which not every engine has.
func backendAs[T any](r *run) (T, error) {
	b, ok := r.backend.(T)
	if !ok {
		return b, fmt.Errorf("%s does not work on this backend: %T does not implement %v", r.verb.name, r.backend, reflect.TypeFor[T]())
	}
	return b, nil
}
