package redisstream

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/redis/go-redis/v9"
)

// parseURL reads a URL. Its errors say what is wrong and keep to themselves what may be part of
// a password: whatever stands before an @.
func parseURL(text string) (*redis.Options, error) {
	u, err := url.Parse(text)
	if err == nil && (u.Opaque != "" || u.Scheme != "redis" && u.Scheme != "rediss" && u.Scheme != "unix") {
		return nil, wrongScheme(text)
	}
	if err == nil && !strings.Contains(u.EscapedPath()+u.RawQuery+u.EscapedFragment(), "@") {
		options, err := redis.ParseURL(text)
		if err != nil {
			return nil, fmt.Errorf("the URL: %s", strings.TrimPrefix(err.Error(), "redis: "))
		}
		return options, nil
	}
	return nil, errors.New("the URL cannot be parsed: need one as in redis://user:password@localhost:6379/0, with special characters escaped")
}

// wrongScheme says how a URL should begin, and how it does when that is a scheme at all.
func wrongScheme(text string) error {
	scheme, _, ok := strings.Cut(text, "://")
	if !ok || strings.ContainsAny(scheme, ":@/?#") {
		return errors.New("need a URL as in redis://localhost:6379/0")
	}
	return fmt.Errorf("the URL begins with %s://: need redis://, rediss:// or unix://", scheme)
}
