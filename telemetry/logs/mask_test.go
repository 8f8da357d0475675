package logs_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/telemetry/logs"
)

type config struct {
	User     string
	Password string `json:",omitempty"`
	inner    string
	Servers  []server
}

type server struct {
	URL    string
	Tokens map[string]string
}

type (
	valuer   struct{ v any }
	stringer struct{ s string }
	dsn      string
	color    int
	texter   struct{ s string }
)

func (v valuer) LogValue() slog.Value         { return slog.AnyValue(v.v) }
func (s *stringer) String() string            { return s.s }
func (d dsn) String() string                  { return string(d) }
func (color) String() string                  { return "red" }
func (t texter) MarshalText() ([]byte, error) { return []byte(t.s), nil }

// TestSecretsAreMasked writes the same lines as text and as JSON: none has the secret, and all have
// what else there is to tell.
func TestSecretsAreMasked(t *testing.T) {
	const secret = "hunter2"
	at := "redis://u:" + secret + "@host:6379/0"
	parsed, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		log  func(*slog.Logger)
		want string
	}{
		{func(l *slog.Logger) { l.Info("dial " + at) }, "redis://u:***@host"},
		{func(l *slog.Logger) { l.Info("m", "password", secret, "x", 1) }, "***"},
		{func(l *slog.Logger) { l.Info("m", "dbPassword", secret) }, "dbPassword"},
		{func(l *slog.Logger) { l.Info("m", "iban", secret) }, "iban"},
		{func(l *slog.Logger) { l.Info("m", "token", 42424242, "secret", []byte(secret)) }, "***"},
		{func(l *slog.Logger) { l.Info("m", slog.Group("db", "user", "u", "password", secret)) }, "user"},
		{func(l *slog.Logger) { l.Info("m", slog.Group("credentials", "user", secret)) }, "credentials"},
		{func(l *slog.Logger) { l.With("api_key", secret).WithGroup("g").Info("m", "x", at) }, "redis://u:***@host"},
		{func(l *slog.Logger) { l.WithGroup("secrets").With("a", secret).WithGroup("b").Info("m", "c", secret) }, "secrets"},
		{func(l *slog.Logger) { l.Info("m", "error", fmt.Errorf("open: %w", errors.New("dial "+at))) }, "open: dial redis://u:***@host"},
		{func(l *slog.Logger) {
			l.Info("m", "error", &url.Error{Op: "Get", URL: "http://h/?token=" + secret, Err: errors.New("EOF")})
		}, "EOF"},
		{func(l *slog.Logger) { l.Info("m", "a", valuer{at}, "b", valuer{valuer{&stringer{at}}}) }, "redis://u:***@host"},
		{func(l *slog.Logger) { l.Info("m", "a", valuer{[]slog.Attr{slog.String("password", secret)}}) }, "***"},
		{func(l *slog.Logger) { l.Info("m", "a", &stringer{at}, "b", dsn(at), "c", texter{at}, "d", parsed) }, "redis://u:***@host"},
		{func(l *slog.Logger) { l.Info("m", "a", []byte(at)) }, "redis://u:***@host"},
		{func(l *slog.Logger) {
			l.Info("m", "a", config{"ann", secret, secret, []server{{at, map[string]string{"a": secret}}}})
		}, "ann"},
		{func(l *slog.Logger) { l.Info("m", "a", &config{User: "ann", Password: secret}) }, "ann"},
		{func(l *slog.Logger) { l.Info("m", "a", map[string]any{"user": "ann", "pwd": secret}) }, "ann"},
		{func(l *slog.Logger) { l.Info("m", "a", map[string]string{at: "ann"}) }, "ann"},
		{func(l *slog.Logger) {
			l.Info("m", "a", http.Header{"Authorization": {"Bearer " + secret}, "Accept": {"x"}})
		}, "Accept"},
		{func(l *slog.Logger) {
			l.Info("m", "a", struct {
				F        func()
				Password string
			}{nil, secret})
		}, "Password"},
		{func(l *slog.Logger) { l.Info("m", "payload", `{"user":"ann","password":"`+secret+`"}`) }, "ann"},
		{func(l *slog.Logger) { l.Info("m", "error", &hostile{}, "b", (*stringer)(nil)) }, "<nil>"},
	} {
		for _, json := range []bool{false, true} {
			var out bytes.Buffer
			c.log(logs.New(&out, logs.Config{JSON: json, Secrets: []string{"IBAN"}}))
			if line := out.String(); strings.Contains(line, secret) || strings.Contains(line, "42424242") || !strings.Contains(line, c.want) {
				t.Errorf("%d: want %s and no secret in %s", i, c.want, line)
			}
		}
	}
}

// TestTheRestIsAsItWas wants values without secrets to be written as they are without the handler.
func TestTheRestIsAsItWas(t *testing.T) {
	values := []any{"text", 7, 1.5, true, nil, time.Unix(0, 0).UTC(), time.Minute, color(1), uint8(3), errors.New("down"), []byte("bytes"),
		&stringer{"s"}, slog.LevelInfo, netip.MustParseAddr("::1"), &url.URL{Scheme: "http", Host: "h"}}
	for _, v := range values {
		var got, want bytes.Buffer
		slog.New(logs.Mask(slog.NewTextHandler(&got, &slog.HandlerOptions{ReplaceAttr: noTime}))).Info("m", "a", v, slog.Group("g", "b", v))
		slog.New(slog.NewTextHandler(&want, &slog.HandlerOptions{ReplaceAttr: noTime})).Info("m", "a", v, slog.Group("g", "b", v))
		if got.String() != want.String() {
			t.Errorf("%T: got %swant %s", v, &got, &want)
		}
	}
	var out bytes.Buffer
	slog.New(logs.Mask(slog.NewJSONHandler(&out, nil))).Info("m", "a", server{"http://h", nil})
	if !strings.Contains(out.String(), `"a":{"Tokens":"***","URL":"http://h"}`) {
		t.Error(out.String())
	}
}

func noTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func TestLongTextsAreCut(t *testing.T) {
	var out bytes.Buffer
	logs.New(&out, logs.Config{}).Info("m", "stack", strings.Repeat("a", 1<<20)+"password=hunter2")
	if n := out.Len(); n > 66<<10 || !strings.Contains(out.String(), "bytes more") {
		t.Errorf("a line of %d bytes", n)
	}
}
