// Package conn carries commands to the Redis server that holds a partition. No other package of the backend
// talks to go-redis; the exported constructor, which takes the user's client, names its type.
//
// # The model
//
// A user gives the backend one client: of a server, of Sentinel, or of a cluster. [Servers] keeps it, and asks
// it nothing but where servers are. Each partition has a [Node], which makes clients of its own with the
// user's options, because the backend needs what a shared client cannot give:
//
//   - No command is repeated by itself. Only the caller knows whether a repetition does harm.
//   - A read that blocks has a connection of its own, whose id is known, so that the read can be ended.
//   - A timeout counts from the last byte that came, not from the beginning of the call ([socket]).
//   - All connections of a node's clients lead to one server, as one primary: a term ([Node.Term]).
//
// # The way of a command
//
// [Node.RunCall] and its sisters take the words of a command and return its raw reply. Between them every reply
// passes through one function, receiveReply, which takes the server's error out of it and tells what
// it means for the node: the server is down ([Node.PutOff]), the partition is elsewhere (the clients are
// retired, and the next call makes new ones), or an operator moves its slot (the command goes to the other
// node, with ASKING).
//
// # Invariants
//
//   - A command is sent at most once for each reply that this package returns, but for commands that the server
//     refused before it did anything: NOSCRIPT, TRYAGAIN and ASK.
//   - A call of a term never reaches the server of another term.
//   - Clients are retired first and closed later: a call that has a client may finish with it.
//
// Begin with node.go and send.go; term.go, moving.go and primary.go tell what happens when servers change.
package conn

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Servers is how one backend reaches Redis. It is safe for concurrent use.
type Servers struct {
	client redis.UniversalClient // the user's; it stays open
	log    *slog.Logger
	nodes  []*Node     // of the partitions, in their order. Written before the first call
	placed atomic.Bool // the nodes' keys are known, and so their slots

	done      context.Context // ends with Close
	end       context.CancelFunc
	following sync.Once // starts the goroutine that follows the primaries
	followers sync.WaitGroup
}

// CheckClient returns why nodes cannot be made from a client.
func CheckClient(client redis.UniversalClient) error {
	switch client.(type) {
	case *redis.Client, *redis.ClusterClient:
		return nil
	case nil:
		return errors.New("redisstream: client is nil")
	}
	return fmt.Errorf("redisstream: a %T is not supported: need a *redis.Client (also one of Sentinel) or a *redis.ClusterClient", client)
}

// NewServers returns the servers that a client leads to, which [CheckClient] has passed. It connects to none.
func NewServers(client redis.UniversalClient, log *slog.Logger) *Servers {
	s := &Servers{client: client, log: log}
	s.done, s.end = context.WithCancel(context.Background())
	return s
}

// AddNode returns the node of the next partition, whose keys have the slot of the given one. All nodes are
// added before the first call.
func (s *Servers) AddNode(key string) *Node {
	n := &Node{servers: s, number: len(s.nodes), slot: key, sockets: map[*socket]bool{}}
	s.nodes = append(s.nodes, n)
	return n
}

// NotePlaced says that all nodes have their final keys, so that a look at a cluster's slots makes sense.
func (s *Servers) NotePlaced() { s.placed.Store(true) }

// IsCluster reports whether partitions may be on several nodes of a cluster.
func (s *Servers) IsCluster() bool {
	_, ok := s.client.(*redis.ClusterClient)
	return ok
}

// Close closes the clients of all nodes. Calls that are under way fail with contract.ErrClosed.
func (s *Servers) Close() {
	s.end()
	for _, n := range s.nodes {
		n.closeClients()
	}
	s.followers.Wait()
}

// hasSeveral reports whether there are other partitions, which go on while the server of one is down.
func (s *Servers) hasSeveral() bool { return len(s.nodes) > 1 }

// JitterWait spreads a wait over its second half, because processes that fail together would otherwise come
// back together.
func JitterWait(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }
