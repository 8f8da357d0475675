package necroctl

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/environ"
)

// serverFlags say which server and which namespace. The default of the URL is not shown: it may
// hold a password.
func serverFlags(o *options, flags *flag.FlagSet) {
	flags.StringVar(&o.url, "redis", "", "the Redis at this `URL`, as in redis://localhost:6379/0 (default $"+redisstream.EnvURL+")")
	flags.StringVar(&o.namespace, "namespace", "", "the `name` that the programs give to redisstream.WithNamespace (default $"+redisstream.EnvNamespace+", or default)")
	flags.BoolVar(&o.askPassword, "password", false, "ask for the password; else it is that of the URL, or $"+redisstream.EnvPassword)
}

// openBackend opens the backend. The number of its partitions is read from Redis.
func (r *run) openBackend() error {
	if err := environ.Check(os.Environ(), environ.Prefix+"REDIS_"); err != nil {
		return err
	}
	address := cmp.Or(r.url, os.Getenv(redisstream.EnvURL))
	if address == "" {
		return fmt.Errorf("which Redis? Set %s to a URL as in redis://localhost:6379/0, or use -redis", redisstream.EnvURL)
	}
	address, err := r.withPassword(address)
	if err != nil {
		return err
	}
	r.backend, err = r.openExisting(address, cmp.Or(r.namespace, os.Getenv(redisstream.EnvNamespace), "default"))
	return err
}

// openNote is how long opening may take without a word.
const openNote = 3 * time.Second

// openExisting opens the backend, and says so when that takes long.
func (r *run) openExisting(address, namespace string) (b *redisstream.Backend, err error) {
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		b, err = redisstream.OpenExisting(r.ctx, address, redisstream.WithNamespace(namespace), redisstream.WithLogger(nil))
	}()
	select {
	case <-opened:
	case <-time.After(openNote):
		r.printNote("Redis has not answered for %s; still waiting", openNote)
		<-opened
	}
	return b, err
}

// withPassword asks for the password of a URL, or takes that of the environment where there is
// none.
func (r *run) withPassword(address string) (string, error) {
	password := os.Getenv(redisstream.EnvPassword)
	if !r.askPassword && password == "" {
		return address, nil
	}
	u, err := url.Parse(address)
	if err != nil { // whose text may hold a password
		return "", errors.New("the URL cannot be parsed: need one as in redis://user@localhost:6379/0")
	}
	if r.askPassword {
		if password, err = r.readSecret("Password: "); err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
	} else if _, has := u.User.Password(); has {
		return address, nil
	}
	u.User = url.UserPassword(u.User.Username(), password)
	return u.String(), nil
}
