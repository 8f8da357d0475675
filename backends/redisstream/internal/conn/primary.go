package conn

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	followEvery = 50 * time.Millisecond // looks at the user's client, which cost nothing
	askEvery    = 5 * time.Second       // questions to the sentinels, should a look have missed something
	askLimit    = time.Second           // how long one may take; also how often, while the client has no connection
)

// primaries follows the servers that the user's client takes for the primaries. A deposed primary may keep its
// connections, and acknowledge writes that are thrown away when it comes back as a replica; so connections to it
// are closed as soon as the client knows better, also those that a call waits on.
//
// All fields belong to the one goroutine that follows.
type primaries struct {
	servers *Servers
	client  *redis.Client // of Sentinel, or nil
	known   string        // address of its primary
	conns   uint32        // connections that the client had at the last look
	asked   time.Time     // when the sentinels were asked last, or the slots were compared
}

// isFailover reports whether sentinels tell a client where its server is. go-redis gives such a
// client this address, and a dialer that asks them.
func isFailover(client redis.UniversalClient) bool {
	c, ok := client.(*redis.Client)
	return ok && c.Options().Addr == "FailoverClient"
}

// followPrimaries starts to follow on first use, where the server may change at all.
func (s *Servers) followPrimaries() {
	f := &primaries{servers: s}
	look := f.lookAtCluster
	if isFailover(s.client) {
		f.client, look = s.client.(*redis.Client), f.lookAtSentinels
	} else if !s.IsCluster() {
		return
	}
	s.following.Do(func() { s.followers.Go(func() { f.followOn(look) }) })
}

// followOn looks until the servers are closed.
func (f *primaries) followOn(look func(context.Context)) {
	ticker := time.NewTicker(followEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			look(f.servers.done)
		case <-f.servers.done.Done():
			return
		}
	}
}

// lookAtSentinels asks where the primary is, when the client has more or fewer connections than before: at a
// switch go-redis closes those to the former primary, so a change of their number is the sign of a switch. A
// client that nobody uses has none, and would show no sign; so a PING gives it one.
func (f *primaries) lookAtSentinels(ctx context.Context) {
	conns := f.client.PoolStats().TotalConns
	every := askEvery
	if conns == 0 {
		every = askLimit
	}
	if conns == f.conns && time.Since(f.asked) < every {
		return
	}
	f.asked = time.Now()
	if addr := f.askPrimary(ctx); addr != "" && addr != f.known {
		if f.known != "" {
			f.servers.log.Warn("redis: the sentinels name another primary", "addr", addr, "former", f.known)
		}
		f.known = addr
		for _, n := range f.servers.nodes {
			n.leaveOthers(addr)
		}
	}
	if conns == 0 {
		f.client.Ping(ctx) // whatever it answers, the connection stays
		conns = f.client.PoolStats().TotalConns
	}
	f.conns = conns
}

// askPrimary returns the address of the primary, or "" where none can be reached. The dialer of a failover client
// asks the sentinels whenever it is called, so the other end of a new connection is their answer.
func (f *primaries) askPrimary(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	options := f.client.Options()
	conn, err := options.Dialer(ctx, options.Network, options.Addr)
	if err != nil {
		return ""
	}
	defer conn.Close()
	return conn.RemoteAddr().String()
}

// lookAtCluster compares where the nodes lead with the slots that the client knows, which takes no round trip:
// the client learns of a failover by itself.
func (f *primaries) lookAtCluster(ctx context.Context) {
	if !f.servers.placed.Load() || time.Since(f.asked) < time.Second {
		return // the slots of partitions are not known yet
	}
	f.asked = time.Now()
	cluster := f.servers.client.(*redis.ClusterClient)
	for _, n := range f.servers.nodes {
		if primary, err := cluster.MasterForKey(ctx, n.slotKey()); err == nil && n.isElsewhere(primary.Options().Addr) {
			n.leaveServer()
		}
	}
}

// leaveOthers closes the connections that lead to other servers than the one at addr. The pool
// makes new ones, to there.
func (n *Node) leaveOthers(addr string) {
	n.mu.Lock()
	var others []*socket
	for s := range n.sockets {
		if s.RemoteAddr().String() != addr {
			others = append(others, s)
		}
	}
	n.mu.Unlock()
	for _, s := range others {
		s.Close()
	}
}

// isElsewhere reports whether the clients lead to another address.
func (n *Node) isElsewhere(addr string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.calls != nil && n.addr != addr
}

// leaveServer forgets the clients, and closes their connections, also those that a call waits on.
func (n *Node) leaveServer() {
	n.mu.Lock()
	n.retireClients()
	n.mu.Unlock()
	n.leaveOthers("")
}
