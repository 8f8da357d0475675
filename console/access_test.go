package console_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/console"
	"github.com/necrostack/necrogen/runtime/contract"
)

// request returns a request to a server on an address.
func request(local net.Addr, host string, words ...string) *http.Request {
	r := httptest.NewRequest("GET", "http://"+host+"/overview", nil)
	r.RemoteAddr = "127.0.0.1:5000"
	for i := 0; i < len(words); i += 2 {
		r.Header.Add(words[i], words[i+1])
	}
	return r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local))
}

// status returns what a console answers to a request.
func status(r *http.Request, options ...console.Option) int {
	w := httptest.NewRecorder()
	console.New(memory.New(), options...).ServeHTTP(w, r)
	return w.Code
}

var (
	loopback = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	outside  = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 8080}
)

// TestWithoutAuthenticator: a console without one answers only browsers on this machine.
func TestWithoutAuthenticator(t *testing.T) {
	for _, c := range []struct {
		local net.Addr
		host  string
		words []string
		want  int
	}{
		{loopback, "localhost:8080", nil, 200},
		{loopback, "127.0.0.1:8080", nil, 200},
		{loopback, "[::1]:8080", nil, 200},
		{loopback, "localhost", nil, 200},
		{loopback, "rebound.example:8080", nil, 403},
		{loopback, "127.0.0.1.evil.example", nil, 403},
		{loopback, "localhost", []string{"X-Forwarded-For", "192.0.2.7"}, 403},
		{loopback, "localhost", []string{"Forwarded", "for=192.0.2.7"}, 403},
		{outside, "localhost", nil, 403},
		{nil, "localhost", nil, 403},
		{&net.UnixAddr{Name: "/run/console"}, "localhost", nil, 403},
	} {
		if got := status(request(c.local, c.host, c.words...)); got != c.want {
			t.Errorf("%v, %s, %v: %d, want %d", c.local, c.host, c.words, got, c.want)
		}
	}
}

// TestServeRefuses an address that others can reach, unless it knows whom to show the pages.
func TestServeRefuses(t *testing.T) {
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end() // so that a console which does not refuse ends at once
	if err := console.Serve(ended, l, memory.New()); err == nil || !strings.Contains(err.Error(), "there is no authenticator") {
		t.Errorf("got %v", err)
	}
	if _, err := l.Accept(); err == nil {
		t.Error("the listener is open")
	}
	if l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- console.Serve(ctx, l, memory.New()) }()
	r, err := http.Get("http://" + l.Addr().String() + "/")
	if err != nil || r.StatusCode != 200 {
		t.Errorf("%v, %v", r, err)
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// slowPages are of a backend whose health takes until free is closed.
type slowPages struct {
	*memory.Backend
	asked, free chan struct{}
}

func (b *slowPages) Health(ctx context.Context) contract.Health {
	close(b.asked)
	<-b.free
	return b.Backend.Health(ctx)
}

// TestServeEndsRequests ends a console while a request is under way: the backend is closed when Serve returns, and a
// program may end then.
func TestServeEndsRequests(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &slowPages{memory.New(), make(chan struct{}), make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	served, answered := make(chan error, 1), make(chan int, 1)
	go func() { served <- console.Serve(ctx, l, b) }()
	go func() {
		r, err := http.Get("http://" + l.Addr().String() + "/")
		if err != nil {
			t.Error(err)
			answered <- 0
			return
		}
		answered <- r.StatusCode
	}()
	<-b.asked
	cancel()
	select {
	case err := <-served:
		t.Errorf("Serve returned %v while a request was under way", err)
		served <- err
	case <-time.After(50 * time.Millisecond):
	}
	close(b.free)
	if got := <-answered; got != 200 {
		t.Errorf("the request ends with %d", got)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestBasicAuthFile(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("tiger"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "users")
	write := func(text string) (console.Authenticator, error) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return console.BasicAuthFile(file)
	}
	users, err := write("# operators\nada:" + string(hash) + "\n")
	if err != nil {
		t.Fatal(err)
	}
	h := console.New(memory.New(), console.WithAuthenticator(users))
	for _, c := range []struct {
		user, password string
		want           int
	}{{"ada", "tiger", 200}, {"ada", "tiger", 200}, {"ada", "lion", 401}, {"bob", "tiger", 401}, {"", "", 401}} {
		r := request(outside, "shop.example")
		if c.user != "" {
			r.SetBasicAuth(c.user, c.password)
		}
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != c.want {
			t.Errorf("%s with %s: %d, want %d", c.user, c.password, w.Code, c.want)
		}
		if w.Code == 401 && !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Basic ") {
			t.Error("no challenge")
		}
	}
	for _, text := range []string{"", "ada:tiger", "ada", ":" + string(hash)} {
		if _, err := write(text); err == nil || !strings.Contains(err.Error(), "htpasswd") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestTrustedHeader believes one header of a proxy, and no page that has let its own name resolve to this machine.
func TestTrustedHeader(t *testing.T) {
	near, far := console.TrustedHeader("X-User"), console.TrustedHeader("X-User", netip.MustParsePrefix("192.0.2.0/24"))
	hosts := console.WithHosts("shop.example")
	for _, c := range []struct {
		a      console.Authenticator
		host   string
		option console.Option
		words  []string
		want   int
	}{
		{near, "localhost:8088", nil, []string{"X-User", "ada"}, 200},
		{near, "[::1]:8088", nil, []string{"X-User", "ada"}, 200},
		{near, "shop.example", nil, []string{"X-User", "ada"}, 421},
		{near, "shop.example:443", hosts, []string{"X-User", "ada"}, 200},
		{near, "evil.example", hosts, []string{"X-User", "ada"}, 421},
		{near, "localhost", nil, nil, 401},
		{near, "localhost", nil, []string{"X-User", "ada", "X-User", "root"}, 401},
		{far, "shop.example", nil, []string{"X-User", "ada"}, 401}, // this request comes from the loopback interface
		{far, "evil.example", hosts, []string{"X-User", "ada"}, 421},
	} {
		options := []console.Option{console.WithAuthenticator(c.a)}
		if c.option != nil {
			options = append(options, c.option)
		}
		if got := status(request(outside, c.host, c.words...), options...); got != c.want {
			t.Errorf("%s %v: %d, want %d", c.host, c.words, got, c.want)
		}
	}
}
