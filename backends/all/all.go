package all

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/runtime/contract"
)

type config struct {
	namespace string
	existing  bool
	log       *slog.Logger
}

// Option changes how [Open] opens a backend.
type Option func(*config)

// WithNamespace names the part of a server that the backend works in, where the engine has such parts. An empty name is the
// engine's default.
func WithNamespace(name string) Option { return func(c *config) { c.namespace = name } }

// WithLogger sets where the backend reports what no call returns. The default is slog.Default(); nil is none.
func WithLogger(log *slog.Logger) Option { return func(c *config) { c.log = log } }

// Existing opens for an operator: a file or a namespace that is not there is an error, and is not made.
func Existing() Option { return func(c *config) { c.existing = true } }

// Open opens the backend that a URL names. Its errors tell no password.
func Open(ctx context.Context, url string, options ...Option) (contract.Backend, error) {
	c := config{log: slog.Default()}
	for _, option := range options {
		option(&c)
	}
	scheme, rest, ok := strings.Cut(url, ":")
	if !ok && slices.Contains(engines[0].schemes, url) { // memory, without a colon
		scheme, ok = url, true
	}
	for _, e := range engines {
		if !ok || !slices.Contains(e.schemes, scheme) {
			continue
		}
		if c.namespace != "" && !e.namespaces {
			return nil, fmt.Errorf("open a backend: the namespace %s: a %s: URL has none", c.namespace, scheme)
		}
		return e.open(ctx, url, rest, &c)
	}
	return nil, unknownURL(scheme, ok)
}

// unknownURL tells the forms of URLs that there are. It does not tell the URL, which may hold a password, and neither what is in front of
// a colon where that is no scheme, as in password=s3cret:x.
func unknownURL(scheme string, ok bool) error {
	var forms []string
	for _, e := range engines {
		forms = append(forms, e.form)
	}
	have := "has no scheme"
	if ok && strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz") == "" {
		have = fmt.Sprintf("begins with %.20q", scheme+":")
	}
	return fmt.Errorf("open a backend: its URL %s: need one as in %s", have, strings.Join(forms, ", "))
}
