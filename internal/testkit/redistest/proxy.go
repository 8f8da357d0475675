package redistest

import (
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Proxy stands between clients and a server, and does to their connections what networks do.
// It reads the protocol of redis, so TLS does not pass. Its methods are safe for concurrent
// use, and may be called again and again.
type Proxy struct {
	target   string
	listener net.Listener
	running  sync.WaitGroup // goroutines

	mu      sync.Mutex
	links   map[*link]struct{}
	closed  bool
	refuse  bool
	delay   time.Duration
	rate    int          // bytes a second in each direction, of all connections together; 0 for no limit
	free    [2]time.Time // when the last byte of a direction will have passed
	passed  [2]int64     // bytes
	drop    int          // replies that are still to be dropped
	only    []string     // the commands whose replies these are; empty means all but setup
	dropped int
}

// setup are the commands that clients send before they work: losing the replies loses nothing.
var setup = []string{"HELLO", "AUTH", "SELECT", "CLIENT", "READONLY"}

// StartProxy starts a proxy, and ends it with the test.
func StartProxy(tb testing.TB, target string) *Proxy {
	tb.Helper()
	p, err := NewProxy(target)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.Close)
	return p
}

// NewProxy returns a proxy in front of the server at target, which is a host and a port. The
// server may start later, and restart. The caller closes the proxy.
func NewProxy(target string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{target: target, listener: listener, links: map[*link]struct{}{}}
	p.running.Go(p.acceptAll)
	return p, nil
}

// Addr returns the host and port that clients connect to.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// URL returns the proxy's address as clients parse it.
func (p *Proxy) URL() string { return "redis://" + p.Addr() }

// Cut closes all connections. When it returns, nothing passes on them any more.
func (p *Proxy) Cut() {
	p.mu.Lock()
	links := make([]*link, 0, len(p.links))
	for l := range p.links {
		l.cut()
		links = append(links, l)
	}
	p.mu.Unlock()
	for _, l := range links {
		<-l.ended
	}
}

// Refuse tells whether new connections are closed at once. Those that are open stay so.
func (p *Proxy) Refuse(refuse bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = refuse
}

// Delay holds up everything that arrives from now on, in each direction, by d: a round trip takes 2d longer.
// Bytes that follow closely are not held up more.
func (p *Proxy) Delay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// The directions of what passes.
const (
	toServer = iota
	toClient
)

// Bandwidth lets so many bytes a second pass in each direction, of all connections together; 0
// ends that. What arrives faster waits here.
func (p *Proxy) Bandwidth(rate int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rate = rate
}

// Passed returns how many bytes have passed to the server and to clients.
func (p *Proxy) Passed() (toTheServer, toClients int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.passed[toServer], p.passed[toClient]
}

// passTime takes a number of bytes into account, and returns when the last of them may pass.
func (p *Proxy) passTime(direction, bytes int) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passed[direction] += int64(bytes)
	if p.rate == 0 {
		return time.Time{}
	}
	if now := time.Now(); p.free[direction].Before(now) {
		p.free[direction] = now
	}
	p.free[direction] = p.free[direction].Add(time.Duration(bytes) * time.Second / time.Duration(p.rate))
	return p.free[direction]
}

// DropReplies loses the next n replies: the command has run, but its reply is swallowed, and
// the connection is closed, after the replies before it were passed on. With commands it waits
// for the replies to these ("evalsha", "xadd"); without, any reply counts but those to the
// commands that set up a connection. It takes the place of an earlier call, so that
// DropReplies(0) ends it.
func (p *Proxy) DropReplies(n int, commands ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop, p.only = n, make([]string, len(commands))
	for i, command := range commands {
		p.only[i] = strings.ToUpper(command)
	}
}

// Dropped returns how many replies were dropped so far.
func (p *Proxy) Dropped() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dropped
}

// Close cuts all connections, and returns when all goroutines of the proxy have ended.
func (p *Proxy) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.listener.Close()
	p.Cut()
	p.running.Wait()
}

// acceptAll serves connections until the proxy is closed.
func (p *Proxy) acceptAll() {
	for {
		client, err := p.listener.Accept()
		if err == nil {
			p.admitClient(client)
			continue
		}
		p.mu.Lock()
		closed := p.closed
		p.mu.Unlock()
		if closed {
			return
		}
		time.Sleep(10 * time.Millisecond) // no file descriptors, likely
	}
}

func (p *Proxy) admitClient(client net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.refuse {
		client.Close()
		return
	}
	l := newLink(p, client)
	p.links[l] = struct{}{}
	p.running.Go(l.passBytes)
}

func (p *Proxy) forgetLink(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}

// dueTime returns the time at which bytes that arrive now are passed on.
func (p *Proxy) dueTime() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Now().Add(p.delay)
}

// dropsReply decides whether the reply to a command is to be dropped, and counts it.
func (p *Proxy) dropsReply(command string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drop <= 0 {
		return false
	}
	if len(p.only) == 0 && slices.Contains(setup, command) ||
		len(p.only) > 0 && !slices.Contains(p.only, command) {
		return false
	}
	p.drop--
	p.dropped++
	return true
}
