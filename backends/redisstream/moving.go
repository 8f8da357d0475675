package redisstream

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

// moving is the known state of such a move.
type moving struct {
	mu    sync.Mutex
	last  time.Time // when a call was refused or sent elsewhere for it; zero while nothing moves
	began time.Time
}

// stillMoves is for how long after the last refusal a slot counts as being moved.
const stillMoves = 2 * time.Second

// noteMove takes in how a call ended, and tells once when a move begins and once when it is over.
func (p *partition) noteMove(err error) {
	m := &p.node.moving
	refused := isMoving(err)
	if !refused && !p.node.isMoving.Load() {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case refused:
		m.last = time.Now()
		if p.node.isMoving.CompareAndSwap(false, true) {
			m.began = m.last
			p.b.log.Info("redis: the slot of a partition is being moved to another node", "partition", p.number)
		}
	case err == nil && time.Since(m.last) >= stillMoves && p.node.isMoving.CompareAndSwap(true, false):
		p.b.log.Info("redis: the slot of a partition has been moved", "partition", p.number, "after", m.last.Sub(m.began).Round(time.Millisecond))
	}
}

// movedTo returns the address in an answer such as "ASK 6591 127.0.0.1:7001".
func movedTo(err error, code string) string {
	words := strings.Fields(err.Error())
	if !resp.HasCode(err, code) || len(words) != 3 || strings.HasPrefix(words[2], ":") {
		return ""
	}
	return words[2]
}

// askedClient returns the client for commands that another node is asked to carry out. It reads for as long
// as a blocking read takes.
func (n *node) askedClient(addr string) *redis.Client {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed || n.calls == nil {
		return nil
	}
	if n.askedAt[addr] == nil {
		options := *n.calls.Options()
		options.Addr, options.OnConnect = addr, n.made.options.OnConnect // the term is that of the server which names this one
		options.Dialer = n.dialAsCaller(n.made.options, maxBlock+max(n.made.options.ReadTimeout, 3*time.Second))
		if n.askedAt == nil {
			n.askedAt = map[string]*redis.Client{}
		}
		n.askedAt[addr] = redis.NewClient(&options)
	}
	return n.askedAt[addr]
}

// askNodes sends commands again that were answered with ASK, to the nodes that these name.
func (p *partition) askNodes(ctx context.Context, replies []*resp.Reply, commands [][]any) {
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
		client := p.node.askedClient(addr)
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
			replies[i] = p.answeredReply(cmds[k].Val(), cmds[k].Err())
		}
	}
}

// moveTries is how often a call is repeated at once that met a slot half moved: until then its keys
// have moved as a rule.
const moveTries = 7

// waitForMove waits before a call is repeated for a slot that is half moved, and reports whether to repeat it.
func (p *partition) waitForMove(ctx context.Context, try int, replies ...*resp.Reply) bool {
	half := false
	for _, r := range replies {
		half = half || resp.HasCode(r.Err, "TRYAGAIN")
	}
	if !half || try >= moveTries {
		return false
	}
	select {
	case <-time.After(jitterWait(4 * time.Millisecond << try)):
		return true
	case <-ctx.Done():
		return false
	}
}
