package necroctl

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"

	"github.com/necrostack/necrogen/backends/redisstream"
)

// serverFlags say which server and which namespace. The default of the URL is not shown: it may
// hold a password.
func serverFlags(o *options, flags *flag.FlagSet) {
	flags.StringVar(&o.url, "redis", "", "the Redis at this `URL`, as in redis://localhost:6379/0 (default $"+redisstream.EnvURL+")")
	flags.StringVar(&o.namespace, "namespace", "default", "the `name` that the programs give to redisstream.WithNamespace")
	flags.BoolVar(&o.askPassword, "password", false, "ask for the password")
}

// open opens the backend, whose number of partitions stands in Redis.
func (r *run) open() error {
	address := cmp.Or(r.url, os.Getenv(redisstream.EnvURL))
	if address == "" {
		return fmt.Errorf("which Redis? Set %s to a URL as in redis://localhost:6379/0, or use -redis", redisstream.EnvURL)
	}
	if r.askPassword {
		var err error
		if address, err = r.withPassword(address); err != nil {
			return err
		}
	}
	b, err := redisstream.OpenExisting(r.ctx, address, redisstream.WithNamespace(r.namespace), redisstream.WithLogger(nil))
	r.backend = b
	return err
}

// withPassword asks for the password of a URL.
func (r *run) withPassword(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil { // whose text may hold a password
		return "", errors.New("the URL cannot be parsed: need one as in redis://user@localhost:6379/0")
	}
	password, err := r.secret("Password: ")
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	u.User = url.UserPassword(u.User.Username(), password)
	return u.String(), nil
}
