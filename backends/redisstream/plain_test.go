package redisstream_test

import (
	"strings"
	"testing"

	"github.com/necrostack/necrogen/backends/redisstream"
)

// TestPlainPortIsTold opens a server without TLS by a URL that says TLS, also one with a password: the
// error comes at once and says which port that is.
func TestPlainPortIsTold(t *testing.T) {
	t.Parallel()
	r := alone(t)
	for _, password := range []string{"", secret} {
		r.do("CONFIG", "SET", "requirepass", password)
		_, err := redisstream.OpenExisting(r.ctx, "rediss://:"+secret+"@"+r.server.Addr())
		if err == nil || !strings.Contains(err.Error(), "takes no TLS there: use redis://") || strings.Contains(err.Error(), secret) {
			t.Errorf("got %v", err)
		}
		if password != "" {
			break
		}
	}
}
