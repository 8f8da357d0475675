package conn

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

// While an operator moves the slot of a partition, key by key, both nodes have a part of it. The node
// that gives it away answers TRYAGAIN when it has some keys of a script and not the others, and ASK
// with the address of the other node when it has none: there each command wants ASKING in front of it.
// So a script runs here until the first of its keys moves, and there once the last one has.

// moving is the known state of such a move. It is known by its refusals alone, so it ends when none has come for a
// while:
//
//	still --TRYAGAIN, ASK--> moving --a call succeeds, and none was refused for 2 s--> still
type moving struct {
	mu    sync.Mutex // guards all below
	last  time.Time  // when a call was refused or sent elsewhere for it; zero while nothing moves
	began time.Time
}

// IsMoving reports whether an operator moves the slot of the partition to another node: a read there cannot be
// ended from here.
func (n *Node) IsMoving() bool { return n.isMoving.Load() }

// stillMoves is for how long after the last refusal a slot counts as being moved.
const stillMoves = 2 * time.Second

// noteMove takes in how a call ended, and tells once when a move begins and once when it is over.
func (n *Node) noteMove(err error) {
	m := &n.moving
	refused := IsMoving(err)
	if !refused && !n.isMoving.Load() {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case refused:
		m.last = time.Now()
		if n.isMoving.CompareAndSwap(false, true) {
			m.began = m.last
			n.servers.log.Info("redis: the slot of a partition is being moved to another node", "partition", n.number)
		}
	case err == nil && time.Since(m.last) >= stillMoves && n.isMoving.CompareAndSwap(true, false):
		n.servers.log.Info("redis: the slot of a partition has been moved", "partition", n.number, "after", m.last.Sub(m.began).Round(time.Millisecond))
	}
}

// movedTo returns the address in an answer such as "ASK 6591 127.0.0.1:7001"; "" where it has none, as when the
// node does not know its own host.
func movedTo(err error, code string) string {
	words := strings.Fields(err.Error())
	if !resp.HasCode(err, code) || len(words) != 3 || strings.HasPrefix(words[2], ":") {
		return ""
	}
	return words[2]
}

// askedClient returns the client for commands that another node is asked to carry out. It reads for as long
// as a blocking read takes.
func (n *Node) askedClient(addr string) *redis.Client {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed || n.calls == nil {
		return nil
	}
	if n.askedAt[addr] == nil {
		options := *n.calls.Options()
		options.Addr, options.OnConnect = addr, n.made.options.OnConnect // the term is that of the server which names this one
		options.Dialer = n.dialAsUser(n.made.options, MaxBlock+max(n.made.options.ReadTimeout, 3*time.Second))
		if n.askedAt == nil {
			n.askedAt = map[string]*redis.Client{}
		}
		n.askedAt[addr] = redis.NewClient(&options)
	}
	return n.askedAt[addr]
}

// askNodes sends commands again that were answered with ASK, to the nodes that these name, and puts their replies
// in the place of the refusals. A refused command did nothing, so it is not carried out twice.
func (n *Node) askNodes(ctx context.Context, replies []*resp.Reply, commands [][]any) {
	places := map[string][]int{}
	for i, r := range replies {
		if r.Err == nil || !resp.HasCode(r.Err, "ASK") {
			continue
		}
		if addr := movedTo(r.Err, "ASK"); addr != "" {
			places[addr] = append(places[addr], i)
		}
	}
	for addr, list := range places {
		client := n.askedClient(addr)
		if client == nil {
			continue
		}
		pipe := client.Pipeline()
		cmds := make([]*redis.RawCmd, len(list))
		for k, i := range list {
			pipe.Do(ctx, "asking")
			cmds[k] = redis.NewRawCmd(ctx, commands[i]...)
			pipe.Process(ctx, cmds[k])
		}
		pipe.Exec(ctx) // its error is that of a command
		for k, i := range list {
			replies[i] = n.receiveReply(cmds[k].Val(), cmds[k].Err())
		}
	}
}

// moveTries is how often a call is repeated at once that met a slot half moved: until then its keys
// have moved as a rule.
const moveTries = 7

// waitForMove waits before a call is repeated for a slot that is half moved, and reports whether to repeat it.
func (n *Node) waitForMove(ctx context.Context, try int, replies ...*resp.Reply) bool {
	half := false
	for _, r := range replies {
		half = half || resp.HasCode(r.Err, "TRYAGAIN")
	}
	if !half || try >= moveTries {
		return false
	}
	select {
	case <-time.After(JitterWait(4 * time.Millisecond << try)):
		return true
	case <-ctx.Done():
		return false
	}
}
