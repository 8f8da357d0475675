package gateway

import (
	"errors"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/necrostack/necrogen/examples/internal/once"
	necro "github.com/necrostack/necrogen/runtime"
)

// Options say how a gateway behaves. The zero value takes everything at once.
type Options struct {
	Seed     uint64        // of the faults
	Failures float64       // share of the calls that fail, from 0 to 1
	Latency  time.Duration // of the slowest answer
	Blocked  []string      // addresses that are refused for good
	// Keep keeps a message before it is taken, not concurrently. With an error the call fails, and
	// the message is not taken. Optional.
	Keep func(Message) error
}

// Message is a taken message. Repeats of it are dropped by its key.
type Message struct {
	Channel  string `json:"-"` // email, sms or push
	Key      string `json:"-"`
	To       string `json:"to"`
	Text     string `json:"message"`
	Priority string `json:"priority"`
}

// Counts says what became of calls.
type Counts struct {
	Taken    map[string]uint64 // messages, by channel
	Repeated uint64            // calls with a message that was there already
	Failed   uint64            // calls that failed; of some the message was taken nevertheless
	Refused  uint64            // calls for blocked addresses
}

// keysKept is how many keys are remembered at least.
const keysKept = 100_000

// Gateway takes messages. It is safe for concurrent use.
type Gateway struct {
	options Options
	web     *http.Server
	mails   net.Listener
	url     string

	mu       sync.Mutex
	down     bool
	counts   Counts
	seen     *once.Memo[struct{}]
	calls    map[string]uint64 // by key, of messages that failed so far
	sessions map[net.Conn]bool
	closed   bool
	ending   chan struct{} // closed by Close
	running  sync.WaitGroup
}

// Start starts a gateway. The caller closes it.
func Start(o Options) (*Gateway, error) {
	web, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	mails, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		web.Close()
		return nil, err
	}
	g := &Gateway{
		options:  o,
		mails:    mails,
		url:      "http://" + web.Addr().String(),
		counts:   Counts{Taken: map[string]uint64{}},
		seen:     once.New[struct{}](keysKept),
		calls:    map[string]uint64{},
		sessions: map[net.Conn]bool{},
		ending:   make(chan struct{}),
	}
	g.web = &http.Server{Handler: g.httpHandler(), ReadHeaderTimeout: 5 * time.Second}
	g.running.Go(func() { g.web.Serve(web) })
	g.running.Go(g.serveMail)
	return g, nil
}

// URL is where SMS and push messages go: to /sms and /push below it.
func (g *Gateway) URL() string { return g.url }

// MailAddr is the host and port of the mail server.
func (g *Gateway) MailAddr() string { return g.mails.Addr().String() }

// SetDown makes every call fail until it is set back.
func (g *Gateway) SetDown(down bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.down = down
}

// Counts returns what became of calls so far.
func (g *Gateway) Counts() Counts {
	g.mu.Lock()
	defer g.mu.Unlock()
	counts := g.counts
	counts.Taken = maps.Clone(counts.Taken)
	return counts
}

// Close ends the gateway, with all connections to it.
func (g *Gateway) Close() error {
	err := errors.Join(g.web.Close(), g.mails.Close())
	g.mu.Lock()
	if !g.closed {
		g.closed = true
		close(g.ending)
	}
	for conn := range g.sessions {
		conn.Close()
	}
	g.mu.Unlock()
	g.running.Wait()
	return err
}

// takeMessage takes a message, once for each key. One that cannot be kept is not taken.
func (g *Gateway) takeMessage(m Message) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := necro.IDOf(m.Key)
	if _, again := g.seen.Get(key); again {
		g.counts.Repeated++
		return nil
	}
	if g.options.Keep != nil {
		if err := g.options.Keep(m); err != nil {
			g.counts.Failed++
			return err
		}
	}
	g.seen.Put(key, struct{}{})
	g.counts.Taken[m.Channel]++
	return nil
}
