package conn

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// A settle names its entry by the id, and a stream gives no id twice. A failover may break that: the
// new primary lacks the last writes of the former one, and when its clock is behind, it may give an
// id that was lost with them to another entry. So an id counts only within a term: the time in which
// all connections of a node lead to one server, as one primary. An entry that was leased in another
// term is compared with what the server stores, once, before a call changes it.
//
// The clients of a node belong to the term in which they were made. The first connection that meets
// another server ends the term: it is refused, and so is every later one of these clients. Calls that
// are under way end on the connections that they have, which lead to the former server.
//
//	term n, server unknown --first connection--> term n, server known --another server--> term n+1, server known

// Term returns the number of the current term. A caller reads it before it looks at anything that the call
// depends on.
func (n *Node) Term() uint64 { return n.term.Load() }

// Bounds of changes of the term: one that follows the last within termRest counts as a change in a row.
// After maxChanges of them, the answers are those of a proxy that speaks for several servers.
const (
	termRest   = 10 * time.Second
	maxChanges = 16
)

// terms is what a node knows of its server. The node's mutex guards it; the number of the term is read without.
type terms struct {
	server  string    // of this term; "" until a connection has told
	changed time.Time // when the last term ended
	changes int       // in a row
	blind   bool      // servers cannot be told apart, so the term does not change any more
}

// greetServer returns what a new connection of clients runs first: it refuses another server than that of
// the clients' term. then is the caller's own, or nil.
func (n *Node) greetServer(then func(context.Context, *redis.Conn) error) func(context.Context, *redis.Conn) error {
	term := n.term.Load()
	return func(ctx context.Context, cn *redis.Conn) error {
		server, err := identifyServer(ctx, cn)
		if err != nil {
			return err
		}
		met, blinded := n.meetServer(term, server)
		if blinded {
			n.servers.log.Warn("redis: each connection leads to another server: is there a proxy in front of several? "+
				"What a failover does to entries that are leased is not noticed any more", "addr", n.Address())
		}
		if !met {
			return ErrAnotherServer
		}
		if then != nil {
			return then(ctx, cn)
		}
		return nil
	}
}

// identifyServer returns what tells a server from every other one, and from itself before it was started
// again or became the primary; "" where the user may not ask.
func identifyServer(ctx context.Context, cn *redis.Conn) (string, error) {
	text, err := cn.Info(ctx, "server", "replication").Result()
	if hasAnyCode(err, "NOPERM", "ERR") { // a proxy may not know INFO
		return "", nil
	}
	if err != nil {
		return "", err
	}
	told := ParseInfo(text)
	return told["run_id"] + " " + told["master_replid"], nil
}

// meetServer takes in which server a connection leads to, and reports whether it is that of a term. Another
// one begins the next term, with clients of its own. blinded says that from now on all count as one.
func (n *Node) meetServer(term uint64, server string) (met, blinded bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	t := &n.terms
	switch {
	case term != n.term.Load():
		return false, false
	case server == "" || t.blind || server == t.server:
		return true, false
	case t.server == "":
		t.server = server
		return true, false
	}
	if time.Since(t.changed) > termRest {
		t.changes = 0
	}
	t.server, t.changed, t.changes = server, time.Now(), t.changes+1
	if t.blind = t.changes > maxChanges; t.blind {
		return true, true
	}
	n.term.Add(1)
	n.retireClients()
	return false, false
}

// clientOf returns the client for calls of a term, or ErrAnotherServer when that is over. Every connection of that
// client leads to the server of the term: greetServer refuses others.
func (n *Node) clientOf(ctx context.Context, term uint64) (*redis.Client, error) {
	calls, err := n.callClient(ctx)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.calls != calls || n.term.Load() != term {
		return nil, ErrAnotherServer
	}
	return calls, nil
}
