package redistest

import (
	"bufio"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// client is one connection that stays open.
type client struct {
	net.Conn
	*bufio.Reader
}

func dial(t *testing.T, addr string) client {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	must(t, conn.SetDeadline(time.Now().Add(patience)))
	return client{conn, bufio.NewReader(conn)}
}

// send writes a command, or several.
func (c client) send(commands ...string) error {
	_, err := c.Conn.Write([]byte(strings.Join(commands, "\r\n") + "\r\n"))
	return err
}

// receive reads a reply.
func (c client) receive() (string, error) {
	frame, err := readFrame(c.Reader)
	return string(frame), err
}

// do wants a reply to a command.
func (c client) do(command, want string) error {
	if err := c.send(command); err != nil {
		return err
	}
	got, err := c.receive()
	if err == nil && got != want {
		err = fmt.Errorf("%s: %q, want %q", command, got, want)
	}
	return err
}

func TestProxyPassesAllTypes(t *testing.T) {
	t.Parallel()
	server := Start(t, "--enable-debug-command", "yes")
	for _, command := range []string{"LPUSH list a b", "ZADD z 1.5 a", "SADD s a", "SETRANGE big 300000 x"} {
		tell(t, server.Addr(), command)
	}
	direct, through := dial(t, server.Addr()), dial(t, StartProxy(t, server.Addr()).Addr())
	for _, version := range []string{"HELLO 2", "HELLO 3"} {
		for _, c := range []client{direct, through} {
			must(t, c.send(version))
			_, err := c.receive() // holds the id of the connection
			must(t, err)
		}
		for _, command := range []string{
			"PING", "*1\r\n$4\r\nPING", "*2\r\n$4\r\nECHO\r\n$4\r\n\r\n\r\n", "NONSENSE", "GET none", "GET big",
			"LRANGE list 0 -1", "LRANGE none 0 -1", "BLPOP none 0.01", "CONFIG GET hz", "SMEMBERS s", "ZSCORE z a",
			"EVAL 'return {1,{2,{3,false}},redis.status_reply(\"S\")}' 0", "DEBUG PROTOCOL attrib",
			"DEBUG PROTOCOL bignum", "DEBUG PROTOCOL true", "DEBUG PROTOCOL verbatim", "DEBUG PROTOCOL push",
		} {
			must(t, direct.send(command))
			want, err := direct.receive()
			must(t, err)
			if err := through.do(command, want); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestProxyCuts(t *testing.T) {
	t.Parallel()
	p := StartProxy(t, Start(t).Addr())
	c := dial(t, p.Addr())
	must(t, c.do("PING", "+PONG\r\n"))
	p.Cut()
	if err := c.do("PING", ""); err == nil {
		t.Error("a connection that was cut goes on")
	}
	must(t, dial(t, p.Addr()).do("PING", "+PONG\r\n"))
}

func TestProxyRefuses(t *testing.T) {
	t.Parallel()
	p := StartProxy(t, Start(t).Addr())
	c := dial(t, p.Addr())
	must(t, c.do("PING", "+PONG\r\n"))
	p.Refuse(true)
	if _, err := askServer(p.Addr(), "PING"); err == nil {
		t.Error("a refused connection goes on")
	}
	must(t, c.do("PING", "+PONG\r\n")) // it was there before
	p.Refuse(false)
	must(t, dial(t, p.Addr()).do("PING", "+PONG\r\n"))
}

func TestProxyDelays(t *testing.T) {
	t.Parallel()
	const delay = 250 * time.Millisecond // twenty round trips, one after the other, would take ten seconds
	p := StartProxy(t, Start(t).Addr())
	c := dial(t, p.Addr())
	must(t, c.do("PING", "+PONG\r\n"))
	p.Delay(delay)
	start := time.Now()
	for range 20 {
		must(t, c.send("PING"))
	}
	for range 20 {
		_, err := c.receive()
		must(t, err)
	}
	if took := time.Since(start); took < 2*delay || took >= 40*delay {
		t.Errorf("20 commands sent at once took %v with a delay of %v", took, delay)
	}
	p.Delay(0)
	p.Cut() // ends what still waits
}

func TestProxyDropsReplies(t *testing.T) {
	t.Parallel()
	server := Start(t)
	p := StartProxy(t, server.Addr())
	p.DropReplies(2)
	for range 2 {
		c := dial(t, p.Addr())
		must(t, c.do("CLIENT SETNAME me", "+OK\r\n")) // setup does not count
		if err := c.do("INCR n", ""); err == nil {
			t.Error("the reply came")
		}
	}
	must(t, dial(t, p.Addr()).do("INCR n", ":3\r\n")) // each has run, and no third is lost
	if got := p.Dropped(); got != 2 {
		t.Errorf("dropped %d", got)
	}
}

func TestProxyDropsTheReplyToACommand(t *testing.T) {
	t.Parallel()
	server := Start(t)
	p := StartProxy(t, server.Addr())
	p.DropReplies(1, "incr")
	c := dial(t, p.Addr())
	must(t, c.do("GET n", "$-1\r\n"))
	must(t, c.send("SET n 1", "ECHO before", "INCR n", "ECHO behind"))
	for _, want := range []string{"+OK\r\n", "$6\r\nbefore\r\n", ""} {
		if got, _ := c.receive(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := tell(t, server.Addr(), "GET n"); got != "$1\r\n2\r\n" {
		t.Errorf("after the lost reply: %q", got)
	}
}

func TestProxyWaitsForItsServer(t *testing.T) {
	t.Parallel()
	server := Start(t)
	p := StartProxy(t, server.Addr())
	c := dial(t, p.Addr())
	must(t, c.do("PING", "+PONG\r\n"))
	server.Kill()
	if err := c.do("PING", ""); err == nil {
		t.Error("a connection outlives its server")
	}
	if _, err := askServer(p.Addr(), "PING"); err == nil {
		t.Error("a proxy answers without its server")
	}
	must(t, server.Restart())
	must(t, dial(t, p.Addr()).do("PING", "+PONG\r\n"))
}

// TestProxyCountsUnderFaults: whatever the proxy does, a reply belongs to its command, and what
// was acknowledged has happened.
func TestProxyCountsUnderFaults(t *testing.T) {
	t.Parallel()
	server := Start(t)
	p := StartProxy(t, server.Addr())
	var clients sync.WaitGroup
	var tried, acknowledged atomic.Int64
	for range 8 {
		clients.Go(func() {
			for range 30 {
				count(t, p.Addr(), &tried, &acknowledged)
			}
		})
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		clients.Wait()
	}()
	disturb(p, over)
	p.Close()
	if len(p.links) > 0 {
		t.Errorf("%d links are left", len(p.links))
	}
	var bytes, ran int64
	_, err := fmt.Sscanf(tell(t, server.Addr(), "GET n"), "$%d\r\n%d", &bytes, &ran)
	must(t, err)
	if ran < acknowledged.Load() || ran > tried.Load() || p.Dropped() == 0 {
		t.Errorf("%d ran of %d, %d acknowledged, %d dropped", ran, tried.Load(), acknowledged.Load(), p.Dropped())
	}
}

// count counts up to 20 times on one connection, as long as it lasts.
func count(t *testing.T, addr string, tried, acknowledged *atomic.Int64) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	c := client{conn, bufio.NewReader(conn)}
	for range 20 {
		text := strconv.FormatInt(tried.Add(1), 10)
		if c.send("INCR n", "ECHO "+text) != nil {
			return
		}
		if _, err := c.receive(); err != nil {
			return
		}
		acknowledged.Add(1)
		switch got, err := c.receive(); {
		case err != nil:
			return
		case !strings.HasSuffix(got, "\r\n"+text+"\r\n"):
			t.Errorf("ECHO %s: %q", text, got)
		}
	}
}

// disturb does all that a proxy can, in turn.
func disturb(p *Proxy, over <-chan struct{}) {
	faults := []func(){
		p.Cut,
		func() { p.DropReplies(3) },
		func() { p.Delay(time.Millisecond) },
		func() { p.Refuse(true) },
		func() { p.Refuse(false); p.Delay(0) },
	}
	for i := 0; ; i++ {
		select {
		case <-over:
			return
		case <-time.After(3 * time.Millisecond):
			faults[i%len(faults)]()
		}
	}
}
