package redisstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/runtime/contract"
)

// maxBlock is how long a read waits for entries. It also bounds how late a reader notices an entry when it could
// not be woken.
const maxBlock = 2 * time.Second

// node is how a partition reaches the server that holds it: through clients of its own,
// made like the caller's, but which repeat no command by themselves.
type node struct {
	parent redis.UniversalClient
	slot   string // a key of the partition
	used   func() // called when clients are made
	log    *slog.Logger

	mu       sync.Mutex
	calls    *redis.Client    // for scripts
	blocking [2]*redis.Client // for the reads that block: of the slow and of the quick reader
	made     madeClients
	told     string                   // where a MOVED said that the partition is, which the caller's client has still to learn
	askedAt  map[string]*redis.Client // for nodes that a slot is being moved to, by address
	moving   moving
	isMoving atomic.Bool
	term     atomic.Uint64 // grows under mu (see term.go)
	retired  []*redis.Client
	sockets  map[*socket]bool // that are open
	addr     string
	terms    terms
	closed   bool
	readers  [2]atomic.Int64 // the ids of their connections; 0 before there is one
}

// madeClients says when clients were made, and with what options of the caller's.
type madeClients struct {
	at      time.Time
	options *redis.Options
}

// isSupported tells whether a client is of a kind that a node can be made from.
func isSupported(client redis.UniversalClient) error {
	switch client.(type) {
	case *redis.Client, *redis.ClusterClient:
		return nil
	case nil:
		return errors.New("redisstream: client is nil")
	}
	return fmt.Errorf("redisstream: a %T is not supported: need a *redis.Client (also one of Sentinel) or a *redis.ClusterClient", client)
}

// bothClients returns the two clients, which it makes on first use and after a reset.
func (n *node) bothClients(ctx context.Context) (calls, blocking *redis.Client, err error) {
	if calls, blocking, err = n.currentClients(); calls != nil || err != nil {
		return calls, blocking, err
	}
	primary, ok := n.parent.(*redis.Client)
	if cluster, is := n.parent.(*redis.ClusterClient); is { // may ask the cluster: without the lock
		if primary, err = cluster.MasterForKey(ctx, n.slot); err != nil {
			return nil, nil, err
		}
	} else if !ok {
		return nil, nil, isSupported(n.parent)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, nil, contract.ErrClosed
	}
	if n.calls == nil {
		n.makeClients(primary.Options())
		n.used()
	}
	return n.calls, n.blocking[slowReader], nil
}

// placeKey tells the node another key of its partition. Clients that were made for the former one are
// forgotten.
func (n *node) placeKey(key string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.slot != key {
		n.slot = key
		n.retireClients()
	}
}

// serverAddress returns where the clients lead to.
func (n *node) serverAddress() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.addr
}

// currentClients returns the clients that there are.
func (n *node) currentClients() (calls, blocking *redis.Client, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, nil, contract.ErrClosed
	}
	return n.calls, n.blocking[slowReader], nil
}

// makeClients makes the clients. Their timeouts are those of their sockets.
func (n *node) makeClients(parent *redis.Options) {
	options := *parent
	options.MaxRetries = -1
	options.Protocol = 2
	options.ContextTimeoutEnabled = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	options.ReadTimeout, options.WriteTimeout = -1, -1
	options.Dialer = n.dialAsCaller(parent, parent.ReadTimeout)
	options.OnConnect = n.greetServer(parent.OnConnect)
	if n.told != "" {
		options.Addr, n.told = n.told, ""
	}
	n.addr = options.Addr
	n.calls, n.made = redis.NewClient(&options), madeClients{time.Now(), parent}

	for i := range n.blocking {
		n.blocking[i] = n.makeBlocking(i, options, n.dialAsCaller(parent, maxBlock+max(parent.ReadTimeout, 3*time.Second)))
	}
}

// makeBlocking makes the client of a reader: one connection, whose id is known.
func (n *node) makeBlocking(i int, options redis.Options, dial func(context.Context, string, string) (net.Conn, error)) *redis.Client {
	one, connected := options, options.OnConnect
	one.PoolSize, one.PipelinePoolSize, one.MinIdleConns, one.MaxIdleConns = 1, 1, 0, 1
	one.Dialer = dial
	one.OnConnect = func(ctx context.Context, cn *redis.Conn) error {
		id, err := cn.ClientID(ctx).Result()
		if errors.As(err, new(redis.Error)) {
			id = unknownReader
		} else if err != nil {
			return err
		}
		n.readers[i].Store(id)
		if connected != nil {
			return connected(ctx, cn)
		}
		return nil
	}
	return redis.NewClient(&one)
}

// unknownReader stands for the id of a connection that the user may not ask for.
const unknownReader = -1

// blockingClient returns the client of a reader.
func (n *node) blockingClient(ctx context.Context, i int) (*redis.Client, error) {
	if _, _, err := n.bothClients(ctx); err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.calls == nil {
		return nil, errRetired
	}
	return n.blocking[i], nil
}

// errRetired is the error of a call whose clients were retired while it began.
var errRetired = errors.New("redis: the server of the partition has changed")

// dialAsCaller connects as the caller's client does.
func (n *node) dialAsCaller(parent *redis.Options, idle time.Duration) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := parent.Dialer(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return newSocket(n, conn, idle), nil
	}
}

// newClient is how long clients are kept at least: of many calls that fail together only the
// first one takes them for outdated.
const newClient = 100 * time.Millisecond

// forgetMoved forgets the clients when the partition may be on another server by now. Calls that
// are under way keep theirs.
func (n *node) forgetMoved(err error) {
	cluster, ok := n.parent.(*redis.ClusterClient)
	elsewhere := resp.HasCode(err, "READONLY") // the server was demoted, and its address may lead to another one
	if ok {
		elsewhere = elsewhere || resp.HasCode(err, "MOVED", "CLUSTERDOWN") || isNetwork(err) && !isContext(err)
	}
	if !elsewhere {
		return
	}
	if ok {
		cluster.ReloadState(context.Background())
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if to := movedTo(err, "MOVED"); ok && to != "" && to != n.addr {
		n.told = to
		n.retireClients()
	} else if time.Since(n.made.at) >= newClient {
		n.retireClients()
	}
}

// retireClients forgets the clients, and closes them when no call can use them any more. The caller
// holds n.mu.
func (n *node) retireClients() {
	if n.calls == nil {
		return
	}
	old := append([]*redis.Client{n.calls}, n.blocking[:]...)
	for _, c := range n.askedAt {
		old = append(old, c)
	}
	n.askedAt = nil
	n.calls, n.retired = nil, append(n.retired, old...)
	time.AfterFunc(2*maxBlock, func() { n.discardClients(old) })
}

// discardClients closes clients that were retired.
func (n *node) discardClients(old []*redis.Client) {
	n.mu.Lock()
	n.retired = slices.DeleteFunc(n.retired, func(c *redis.Client) bool { return slices.Contains(old, c) })
	n.mu.Unlock()
	for _, c := range old { // without the lock, which their sockets take
		c.Close()
	}
}

func (n *node) closeClients() {
	n.mu.Lock()
	n.closed = true
	all := n.retired
	if n.calls != nil {
		all = append(append(all, n.calls), n.blocking[:]...)
	}
	for _, c := range n.askedAt {
		all = append(all, c)
	}
	n.calls, n.retired = nil, nil
	n.mu.Unlock()
	for _, c := range all {
		c.Close()
	}
}

func (n *node) isClosed() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.closed
}

func isContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// isNetwork reports whether the command may or may not have been carried out.
func isNetwork(err error) bool {
	var re resp.ServerError
	return err != nil && !errors.As(err, &re) && !errors.Is(err, contract.ErrClosed) && !errors.Is(err, resp.ErrShape) && !errors.Is(err, errTooLarge) &&
		!errors.Is(err, errAnotherServer)
}

// explainError turns an error into one line that says what to do about it, marks what no repetition
// mends, and lets callers match a server that does not serve with contract.ErrBackendUnavailable.
func (n *node) explainError(err error) error { return markUnavailable(n.describeServer(err), err) }

func (n *node) describeServer(err error) error {
	var dial *net.OpError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, redis.ErrClosed) && n.isClosed():
		return contract.ErrClosed
	case resp.HasCode(err, "OOM"):
		return fmt.Errorf("%w: redis has reached its maxmemory: %w", contract.ErrBackendFull, err)
	case isMoving(err):
		return fmt.Errorf("redis: the slot is being moved to another node of the cluster, and not all keys are there yet: %w", err)
	case resp.HasCode(err, "READONLY"):
		return fmt.Errorf("redis is a replica, which takes no writes: give the address of the primary: %w", err)
	case isCode(err, "WRONGPASS", "NOAUTH"):
		return contract.Permanent(fmt.Errorf("redis refuses the user name or password: check the URL, and %s: %w", EnvPassword, err))
	case isCode(err, "NOPERM") || isRefusedScript(err):
		return contract.Permanent(fmt.Errorf("redis: the user may not do this: docs/redis.md lists the commands: %w", err))
	case errors.As(err, &dial) && dial.Op == "dial":
		return fmt.Errorf("redis cannot be reached: is redis-server running? %w", err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("redis does not answer: is it busy, or is what listens there no Redis, or one behind TLS (rediss://)? %w", err)
	}
	if strings.HasPrefix(err.Error(), "redis") {
		return err
	}
	return fmt.Errorf("redis: %w", err)
}

// isRefusedScript reports whether the user may run the script, but not a command of it.
func isRefusedScript(err error) bool {
	return resp.HasCode(err, "ERR") && (strings.Contains(err.Error(), "The user executing the script can't") || // 7.0
		strings.Contains(err.Error(), "ACL failure in script")) // later
}

// isCode is isRedis also for errors that the client has parsed, as those of its handshake.
func isCode(err error, codes ...string) bool {
	if resp.HasCode(err, codes...) {
		return true
	}
	for _, code := range codes {
		if redis.HasErrorPrefix(err, code) {
			return true
		}
	}
	return false
}
