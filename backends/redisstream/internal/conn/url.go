package conn

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// ParseURL reads a URL. Its errors name the fault and leave out any text that may be part of a password: all
// text before an @.
func ParseURL(text string) (*redis.Options, error) {
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

// plainProbe is how long a server may take to answer without TLS.
const plainProbe = time.Second

// RefusePlain returns an error when a URL says TLS and the server answers without it: a handshake
// with such a server ends after many timeouts, with an error that does not say why.
func RefusePlain(ctx context.Context, url string) error {
	options, err := ParseURL(url)
	if err != nil || options.TLSConfig == nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, plainProbe)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, cmp.Or(options.Network, "tcp"), options.Addr)
	if err != nil {
		return nil // the client tells
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline)
	first := make([]byte, 1)
	if _, err = conn.Write([]byte("PING\r\n")); err == nil {
		_, err = io.ReadFull(conn, first)
	}
	if err == nil && (first[0] == '+' || first[0] == '-') { // +PONG, or why not; TLS answers with an alert
		return fmt.Errorf("redis: %s takes no TLS there: use redis://, or the port that has TLS", options.Addr)
	}
	return nil
}
