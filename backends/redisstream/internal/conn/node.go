package conn

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/runtime/contract"
)

// MaxBlock is how long a read waits for entries. It also bounds how late a reader notices an entry when it could
// not be woken.
const MaxBlock = 2 * time.Second

// blockingReads is how many reads of a node may block at a time: those of the slow reader, of the quick one, and of the one for lanes.
const blockingReads = 3

// Node is how a partition reaches the server that holds it, through clients of its own. It is safe for
// concurrent use.
//
// A node makes its clients on first use. They are retired when they may lead to the wrong server, and the next
// call makes new ones; the retired ones are closed when no call can use them any more:
//
//	none --first call--> in use --MOVED, READONLY, another primary, another term--> retired --2*MaxBlock--> closed
type Node struct {
	servers *Servers // shared by all nodes of the backend
	number  int      // of the partition
	outage  outage
	moving  moving

	term     atomic.Uint64               // grows under mu, read without (see term.go)
	isMoving atomic.Bool                 // the slot is being moved to another node of the cluster
	readers  [blockingReads]atomic.Int64 // the ids of the blocking connections; 0 before there is one

	mu       sync.Mutex                   // guards all below
	slot     string                       // a key of the partition
	addr     string                       // where the clients lead to
	calls    *redis.Client                // for commands that do not block; nil while there are no clients
	blocking [blockingReads]*redis.Client // for the reads that do
	made     madeClients
	told     string                   // where a MOVED said that the partition is, which the user's client has still to learn
	askedAt  map[string]*redis.Client // for nodes that the slot is being moved to, by address
	retired  []*redis.Client          // that are still to be closed
	sockets  map[*socket]bool         // that are open
	terms    terms
	closed   bool
}

// madeClients says when clients were made, and with what options of the user's.
type madeClients struct {
	at      time.Time
	options *redis.Options
}

// callClient returns the client for calls, which it makes on first use and after clients were retired. Of a
// cluster it asks the user's client which node has the partition's slot; that may take a round trip, so the lock is
// not held meanwhile, and of two callers one uses the clients that the other has made.
func (n *Node) callClient(ctx context.Context) (*redis.Client, error) {
	if calls, err := n.currentClient(); calls != nil || err != nil {
		return calls, err
	}
	primary, ok := n.servers.client.(*redis.Client)
	if cluster, is := n.servers.client.(*redis.ClusterClient); is { // may ask the cluster: without the lock
		var err error
		if primary, err = cluster.MasterForKey(ctx, n.slotKey()); err != nil {
			return nil, err
		}
	} else if !ok {
		return nil, CheckClient(n.servers.client)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, contract.ErrClosed
	}
	if n.calls == nil {
		n.makeClients(primary.Options())
		n.servers.followPrimaries()
	}
	return n.calls, nil
}

// currentClient returns the client for calls if there is one.
func (n *Node) currentClient() (*redis.Client, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, contract.ErrClosed
	}
	return n.calls, nil
}

// slotKey returns a key of the partition, whose slot is that of all its keys.
func (n *Node) slotKey() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.slot
}

// PlaceKey tells the node another key of its partition. Clients that were made for the former one are
// forgotten.
func (n *Node) PlaceKey(key string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.slot != key {
		n.slot = key
		n.retireClients()
	}
}

// Address returns where the clients lead to, or led to before they were retired.
func (n *Node) Address() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.addr
}

// makeClients makes the clients, with the user's options except for what the backend must decide. go-redis repeats
// nothing, because a repeated script may apply twice. It speaks RESP 2, since internal/resp reads that; its
// notifications about maintenance need RESP 3, so they are off. It sets no deadlines of its own: those of the
// sockets count from the last progress. The caller holds n.mu.
func (n *Node) makeClients(parent *redis.Options) {
	options := *parent
	options.MaxRetries = -1
	options.Protocol = 2
	options.ContextTimeoutEnabled = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	options.ReadTimeout, options.WriteTimeout = -1, -1
	options.Dialer = n.dialAsUser(parent, parent.ReadTimeout)
	options.OnConnect = n.greetServer(parent.OnConnect)
	if n.told != "" {
		options.Addr, n.told = n.told, ""
	}
	n.addr = options.Addr
	n.calls, n.made = redis.NewClient(&options), madeClients{time.Now(), parent}

	for i := range n.blocking {
		n.blocking[i] = n.makeBlocking(i, options, n.dialAsUser(parent, MaxBlock+max(parent.ReadTimeout, 3*time.Second)))
	}
}

// makeBlocking makes the client of a reader. It has exactly one connection, because a read is ended by the id of
// its connection; the id is asked for whenever that connection is made.
func (n *Node) makeBlocking(i int, options redis.Options, dial func(context.Context, string, string) (net.Conn, error)) *redis.Client {
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

// blockingClient returns the client of a reader. It fails with errRetired when the clients were retired just now:
// the reader begins its read again.
func (n *Node) blockingClient(ctx context.Context, reader int) (*redis.Client, error) {
	if _, err := n.callClient(ctx); err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.calls == nil {
		return nil, errRetired
	}
	return n.blocking[reader], nil
}

// dialAsUser connects as the user's client does (TLS, a proxy, a tunnel, Sentinel), and gives the connection a
// timeout that counts from its last progress.
func (n *Node) dialAsUser(parent *redis.Options, idle time.Duration) func(context.Context, string, string) (net.Conn, error) {
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

// forgetMoved retires the clients when an error says that the partition may be on another server by now: the
// server was demoted, or of a cluster the slot has moved or the node cannot be reached. Calls that are under way
// keep theirs. The user's cluster client learns of it in the background, so the address that a MOVED names
// comes first.
func (n *Node) forgetMoved(err error) {
	cluster, ok := n.servers.client.(*redis.ClusterClient)
	elsewhere := resp.HasCode(err, "READONLY") // the server was demoted, and its address may lead to another one
	if ok {
		elsewhere = elsewhere || resp.HasCode(err, "MOVED", "CLUSTERDOWN") || IsNetwork(err) && !isContext(err)
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

// retireClients forgets the clients, and closes them when no call can use them any more: a call has its client
// for as long as a read may block, and once more for its reply. The caller holds n.mu.
func (n *Node) retireClients() {
	if n.calls == nil {
		return
	}
	old := append([]*redis.Client{n.calls}, n.blocking[:]...)
	for _, c := range n.askedAt {
		old = append(old, c)
	}
	n.askedAt = nil
	n.calls, n.retired = nil, append(n.retired, old...)
	time.AfterFunc(2*MaxBlock, func() { n.discardClients(old) })
}

// discardClients closes clients that were retired.
func (n *Node) discardClients(old []*redis.Client) {
	n.mu.Lock()
	n.retired = slices.DeleteFunc(n.retired, func(c *redis.Client) bool { return slices.Contains(old, c) })
	n.mu.Unlock()
	for _, c := range old { // without the lock, which their sockets take
		c.Close()
	}
}

// closeClients closes all clients, the retired ones too, and lets no others be made.
func (n *Node) closeClients() {
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

// isClosed reports whether the backend was closed, so that go-redis's "client is closed" is no fault.
func (n *Node) isClosed() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.closed
}
