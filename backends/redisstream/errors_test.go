package redisstream_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// secret is the password that no error may tell.
const secret = "s3cr3t"

// TestErrorsSayWhatToDo wants one clear line for each way in which a server is the wrong one.
func TestErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	r := share(t)
	r.bind(sub("in", &Step{}))

	t.Run("NotRunning", func(t *testing.T) {
		r := alone(t)
		r.server.Kill()
		r.refused(r.server.URL(), "is redis-server running?", r.server.Addr())
	})
	t.Run("Silent", func(t *testing.T) {
		r := alone(t)
		if err := r.server.Stop(); errors.Is(err, errors.ErrUnsupported) {
			t.Skip(err)
		}
		r.refused(r.server.URL()+"?read_timeout=50ms", "redis does not answer: is it busy")
	})
	t.Run("WrongPassword", func(t *testing.T) {
		r := alone(t)
		r.do("ACL", "SETUSER", "default", "resetpass", ">right")
		r.refused("redis://:"+secret+"@"+r.server.Addr(), "refuses the user name or password")
		r.refused(r.server.URL(), "refuses the user name or password")
	})
	t.Run("MayNot", func(t *testing.T) {
		r := alone(t)
		r.do("ACL", "SETUSER", "weak", "on", ">"+secret, "~*", "+@all", "-evalsha")
		r.refused("redis://weak:"+secret+"@"+r.server.Addr(), "the user may not do this")
	})
	t.Run("TooOld", func(t *testing.T) { r.refused(oldServer(t), "redis 6.2.0 is too old", "need 7.0 or later") })
	t.Run("Forgetful", func(t *testing.T) {
		r := alone(t, "--maxmemory-policy", "allkeys-lru")
		r.refused(r.server.URL(), "maxmemory-policy allkeys-lru", "set it to noeviction")
	})
	t.Run("OtherPartitions", func(t *testing.T) {
		r.refused(r.server.URL(), "has 1 partitions, not 4", redisstream.WithPartitions(4))
	})
	t.Run("OtherLayout", func(t *testing.T) {
		r := share(t)
		r.do("HSET", r.key("meta"), "layout", "2", "partitions", "1")
		r.refused(r.server.URL(), "has layout 2, this program knows 1")
	})
}

// refused wants every kind of first call to fail with one line that holds some texts and no
// password. Further arguments are texts and options.
func (r *rig) refused(url string, more ...any) {
	r.Helper()
	var texts []string
	var options []redisstream.Option
	for _, m := range more {
		if text, ok := m.(string); ok {
			texts = append(texts, text)
		} else {
			options = append(options, m.(redisstream.Option))
		}
	}
	b := r.openAt(url, options...)
	_, subscribing := b.Subscribe(r.ctx, []contract.Subscription{sub("in", &Step{})})
	_, listing := b.DeadLetters(r.ctx, "in", contract.ID{}, 1)
	for _, err := range []error{publishAll(r.ctx, b, steps(0, 1)), subscribing, listing, b.Health(r.ctx).Err} {
		r.oneLine(err, texts...)
		r.keepsSecret(err)
	}
}

func (r *rig) keepsSecret(err error) {
	r.Helper()
	if err != nil && strings.Contains(err.Error(), secret) {
		r.Errorf("error tells the password: %q", err)
	}
}

// oldServer is the address of a server that says that it is Redis 6.2.
func oldServer(t *testing.T) (url string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go answerAsOld(conn)
		}
	}()
	return "redis://" + listener.Addr().String()
}

// answerAsOld knows INFO and accepts whatever else there is, but for HELLO.
func answerAsOld(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewScanner(conn)
	line := func() string {
		in.Scan()
		return in.Text()
	}
	for in.Scan() {
		parts, err := strconv.Atoi(strings.TrimPrefix(in.Text(), "*"))
		if err != nil {
			return
		}
		var words []string
		for range parts {
			line() // its length
			words = append(words, line())
		}
		reply := "+OK\r\n"
		switch strings.ToUpper(words[0]) {
		case "INFO":
			text := "# Server\r\nredis_version:6.2.0\r\n"
			reply = fmt.Sprintf("$%d\r\n%s\r\n", len(text), text)
		case "HELLO":
			reply = "-ERR unknown command\r\n"
		}
		fmt.Fprint(conn, reply)
	}
}

// TestWrongURLs wants every URL that cannot be one to be refused when it is opened, and none of
// the errors to tell a password, however it got to where it does not belong.
func TestWrongURLs(t *testing.T) {
	t.Parallel()
	r := &rig{T: t}
	for url, want := range map[string]string{
		"":                                    "need a URL as in redis://localhost:6379/0",
		"localhost:6379":                      "need a URL as in redis://localhost:6379/0",
		"http://localhost":                    "begins with http://: need redis://, rediss:// or unix://",
		"http://user:s3cr3t@localhost":        "begins with http://",
		"user:s3cr3t@localhost:6379":          "redis://",
		":s3cr3t@localhost":                   "redis://",
		"s3cr3t@redis://localhost":            "redis://",
		"user:s3cr3t@redis://localhost":       "redis://",
		"redis:user:s3cr3t@localhost":         "redis://",
		"redis://user:s3cr3t@localhost:port":  "special characters escaped",
		"redis://user:s3cr3t%zz@localhost":    "special characters escaped",
		"redis://user:s3cr3t[@localhost":      "special characters escaped",
		"redis://user:s3c r3t@localhost":      "special characters escaped",
		"redis://user:s3cr3t\x7f@localhost":   "special characters escaped",
		" redis://user:s3cr3t@localhost":      "redis://",
		"redis://:12/s3cr3t@localhost":        "special characters escaped",
		"redis://user:12/s3cr3t@localhost/0":  "special characters escaped",
		"redis://:12?s3cr3t@localhost":        "special characters escaped",
		"redis://:12#s3cr3t@localhost":        "special characters escaped",
		"redis://user:s3cr3t@localhost/zero":  `invalid database number: "zero"`,
		"redis://user:s3cr3t@localhost?pol=2": "unexpected option: pol",
		"rediss://user:s3cr3t@localhost/1/2":  "invalid URL path: /1/2",
		"unix://user:s3cr3t@":                 "empty unix socket path",
	} {
		b, err := redisstream.Open(url)
		if err == nil {
			b.Close()
		}
		r.oneLine(err, "redisstream: ", want)
		r.keepsSecret(err)
	}
}

// TestWrongOptions wants a mistake in the options to be told when a backend is made.
func TestWrongOptions(t *testing.T) {
	r := &rig{T: t}
	for want, option := range map[string]redisstream.Option{
		`WithNamespace("a b")`: redisstream.WithNamespace("a b"),
		`WithNamespace("{x}")`: redisstream.WithNamespace("{x}"),
		"WithPartitions(0)":    redisstream.WithPartitions(0),
		"WithPack(65)":         redisstream.WithPack(65),
	} {
		_, err := redisstream.Open("redis://localhost", option)
		r.oneLine(err, "redisstream: ", want)
	}
	_, err := redisstream.New(nil)
	r.oneLine(err, "client is nil")
	_, err = redisstream.New(redis.NewRing(&redis.RingOptions{}))
	r.oneLine(err, "*redis.Ring is not supported")
}

// TestClosedBackendRefuses wants every call of a closed backend to say so, and a second Close to
// be none.
func TestClosedBackendRefuses(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	r.publish(b, steps(0, 1)...)
	r.ok(b.Close(), "close")
	r.ok(b.Close(), "close again")
	_, subscribing := b.Subscribe(r.ctx, []contract.Subscription{sub("in", &Step{})})
	for _, err := range []error{publishAll(r.ctx, b, steps(0, 1)), subscribing, b.Health(r.ctx).Err, b.Pause(r.ctx, "in", "")} {
		if !errors.Is(err, contract.ErrClosed) {
			t.Errorf("error %v, want ErrClosed", err)
		}
	}
}

// TestDurabilityTellsOfSnapshots wants a server without an AOF to be told from one that does not
// even make snapshots.
func TestDurabilityTellsOfSnapshots(t *testing.T) {
	t.Parallel()
	for schedule, want := range map[string]string{
		"":        "neither AOF nor snapshots: a restart of the server loses everything",
		"3600 10": "no AOF: a crash of the server loses what came after its last snapshot",
	} {
		r := alone(t, "--save", schedule)
		b := r.open()
		r.publish(b, steps(0, 1)...)
		if got := b.Health(r.ctx).Durability; got != want {
			t.Errorf("with save %q: %s", schedule, got)
		}
	}
}

// TestLogsKeepSecrets runs a spine, which logs all there is, on servers that it cannot use: no line
// tells the password that its URL has.
func TestLogsKeepSecrets(t *testing.T) {
	t.Parallel()
	r := alone(t)
	gone := alone(t)
	gone.server.Kill()
	r.do("ACL", "SETUSER", "weak", "on", ">"+secret, "~*", "+@all", "-evalsha")
	for name, c := range map[string]struct{ url, want string }{
		"NotRunning":    {"redis://user:" + secret + "@" + gone.server.Addr(), "is redis-server running?"},
		"WrongPassword": {"redis://user:" + secret + "@" + r.server.Addr(), "refuses the user name or password"},
		"MayNot":        {"redis://weak:" + secret + "@" + r.server.Addr(), "the user may not do this"},
		"NoTLS":         {"rediss://user:" + secret + "@" + plainServer(t), "tls: first record does not look like a TLS handshake"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &rig{T: t, ctx: t.Context(), namespace: r.namespace}
			var out bytes.Buffer
			log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
			s := r.spine(r.openAt(c.url, redisstream.WithLogger(log)), necro.WithLogger(log), necro.WithMaxBackendFailures(2),
				necro.WithOrgans(newOrgan("in", contract.Policy{}, on(func(context.Context, *Step, func(contract.Event)) error { return nil }))))
			err := s.Run(r.ctx)
			r.oneLine(err, c.want)
			r.keepsSecret(err)
			r.keepsSecret(s.Publish(r.ctx, &Step{}))
			if strings.Contains(out.String(), secret) {
				t.Errorf("the log tells the password:\n%s", &out)
			}
		})
	}
}

// plainServer is the address of a server that speaks no TLS.
func plainServer(t *testing.T) (addr string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(conn, "-ERR Protocol error\r\n")
			conn.Close()
		}
	}()
	return listener.Addr().String()
}
