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
	"time"

	"github.com/necrostack/necrogen/internal/environ"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Target says which backend an operator works on.
type Target struct {
	// URL is what -backend, -redis or the environment names, with the password of -password.
	URL string
	// Namespace is what -namespace names, or empty.
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
	if err := environ.Check(os.Environ(), environ.Prefix+"BACKEND_"); err != nil {
		return err
	}
	target := Target{cmp.Or(r.url, r.redis, os.Getenv(environ.BackendURL), os.Getenv(environ.RedisURL)), r.namespace}
	if target.URL == "" {
		return fmt.Errorf("which backend? Set %s or %s to a URL as in redis://localhost:6379/0, or use -backend", environ.BackendURL, environ.RedisURL)
	}
	if r.askPassword {
		password, err := r.readSecret("Password: ")
		if err != nil {
			return fmt.Errorf("read the password: %w", err)
		}
		if target.URL, err = withPassword(target.URL, password); err != nil {
			return err
		}
	}
	return r.awaitOpen(target)
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
	case err != nil: // whose text may hold a password
		return "", errors.New("the URL cannot be parsed: need one as in redis://user@localhost:6379/0")
	case u.Host == "" && u.Path == "":
		return "", fmt.Errorf("-password: a URL with %s: takes none", u.Scheme)
	}
	u.User = url.UserPassword(u.User.Username(), password)
	return u.String(), nil
}

// backendAs returns the backend as the part of the contract that the verb needs, which not every engine has.
func backendAs[T any](r *run) (T, error) {
	b, ok := r.backend.(T)
	if !ok {
		return b, fmt.Errorf("%s needs a %v, which this backend (%T) is not", r.verb.name, reflect.TypeFor[T](), r.backend)
	}
	return b, nil
}
