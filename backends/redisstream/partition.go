package redisstream

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
)

// partition is a share of the namespace whose keys one server holds, so that one script can
// touch all of them.
type partition struct {
	b      *Backend
	number int
	prefix string
	node   node

	outage  outage
	opened  atomic.Bool // its layout is claimed, and the organs that this process consumes are bound
	opening lock        // held while that is done

	reads, settles, renewals, looks lateCalls // of consumers that have other partitions, too

	tables    tables
	publisher publisher
	readers   readers
	schedule  schedule
	clock     serverClock
	speaking  lock // held while this process says which consumers it has

	mu     sync.Mutex
	queues map[string]*queue // of organs that this process consumes
	sorted []*queue          // the same by name, nil after a change; the slice is never written to again
}

func newPartition(b *Backend, number int) *partition {
	prefix := tagPrefix(b.namespace, number)
	p := &partition{b: b, number: number, prefix: prefix, queues: map[string]*queue{}, speaking: newLock(), opening: newLock()}
	p.node = node{parent: b.client, slot: prefix + "meta", used: b.followPrimaries, log: b.log, sockets: map[*socket]bool{}}
	p.publisher.init(p)
	p.readers.init(p)
	p.schedule.init(p)
	return p
}

func (p *partition) key(name string) string { return p.prefix + name }

// keys names the keys of the partition.
func (p *partition) keys() store.Keys { return store.Keys(p.prefix) }

// runCall carries out an atomic step.
func (p *partition) runCall(ctx context.Context, call store.Call) *resp.Reply {
	calls, _, err := p.node.bothClients(ctx)
	if err != nil {
		p.noteCall(err)
		return &resp.Reply{Err: err}
	}
	words := call.Command(false)
	for try := 0; ; try++ {
		r := p.sendRetried(ctx, calls, words)
		if resp.HasCode(r.Err, "NOSCRIPT") {
			words = call.Command(true)
			r = p.sendRetried(ctx, calls, words)
		}
		if !p.waitForMove(ctx, try, r) {
			return r
		}
	}
}

// runAll carries out calls of one script in order, in one round trip, and returns their replies. None
// is sent when the term is over that they are for. A server that does not know the script refuses them, and
// they are sent again; the first of them brings the source then, so that the others find it. So are those
// that met a slot half moved.
func (p *partition) runAll(ctx context.Context, term uint64, calls []store.Call) []*resp.Reply {
	replies, refused := make([]*resp.Reply, len(calls)), make([]int, len(calls))
	for i := range calls {
		refused[i] = i
	}
	for source, try := false, 0; len(refused) > 0; {
		commands := make([][]any, len(refused))
		for k, i := range refused {
			commands[k] = calls[i].Command(source && k == 0)
		}
		got := p.sendAll(ctx, term, commands)
		repeats := p.waitForMove(ctx, try, got...)
		again, unknown := refused[:0], false
		for k, i := range refused {
			replies[i] = got[k]
			noScript := resp.HasCode(got[k].Err, "NOSCRIPT")
			if noScript && !source || repeats && (noScript || resp.HasCode(got[k].Err, "TRYAGAIN")) {
				again, unknown = append(again, i), unknown || noScript
			}
		}
		refused, source = again, unknown
		if repeats {
			try++
		}
	}
	return replies
}

// sendAll sends commands of a term at once and returns their replies.
func (p *partition) sendAll(ctx context.Context, term uint64, commands [][]any) []*resp.Reply {
	client, err := p.node.clientOf(ctx, term)
	if err != nil {
		p.noteCall(err)
		replies := make([]*resp.Reply, len(commands))
		for i := range replies {
			replies[i] = &resp.Reply{Err: err}
		}
		return replies
	}
	if len(commands) == 1 {
		return []*resp.Reply{p.sendOnce(ctx, client, commands[0])}
	}
	return p.sendPipeline(ctx, client, 0, 0, commands...)
}

// sendCommand sends one command and returns its reply.
func (p *partition) sendCommand(ctx context.Context, args []any) *resp.Reply {
	client, _, err := p.node.bothClients(ctx)
	if err != nil {
		p.noteCall(err)
		return &resp.Reply{Err: err}
	}
	return p.sendRetried(ctx, client, args)
}

// sendRetried sends one command and returns its reply. It is not about an entry that another server may have
// leased, so it goes to the new one as well.
func (p *partition) sendRetried(ctx context.Context, client *redis.Client, args []any) *resp.Reply {
	for {
		r := p.sendOnce(ctx, client, args)
		if !errors.Is(r.Err, errAnotherServer) || ctx.Err() != nil {
			return r
		}
		var err error
		if client, _, err = p.node.bothClients(ctx); err != nil {
			return &resp.Reply{Err: err}
		}
	}
}

// sendOnce sends one command by a client and returns its reply.
func (p *partition) sendOnce(ctx context.Context, client *redis.Client, args []any) *resp.Reply {
	cmd := redis.NewRawCmd(ctx, args...)
	err := client.Process(ctx, cmd)
	replies := []*resp.Reply{p.answeredReply(cmd.Val(), err)}
	if replies[0].Err != nil {
		p.askNodes(ctx, replies, [][]any{args})
	}
	return replies[0]
}

// answeredReply returns the reply to a command, whose error is taken out already.
func (p *partition) answeredReply(b []byte, err error) *resp.Reply {
	r := &resp.Reply{Raw: b, Err: err}
	r.TakeError()
	p.noteCall(r.Err)
	p.noteMove(r.Err)
	if r.Err != nil {
		p.node.forgetMoved(r.Err)
		r.Raw = nil
	}
	return r
}

// sendPipeline sends commands at once and returns their replies. When the first one reads entries, its
// reply gets room for so many bytes at once; that of several entries is cut off when it is too large.
func (p *partition) sendPipeline(ctx context.Context, client *redis.Client, entries, room int, commands ...[]any) []*resp.Reply {
	pipe := client.Pipeline()
	data := &sink{b: make([]byte, 0, room)}
	if entries > 1 {
		data.most = maxReply
	}
	cmds := make([]redis.Cmder, len(commands))
	for i, args := range commands {
		if i == 0 && entries > 0 {
			cmds[i] = redis.NewRawWriteToCmd(ctx, data, args...)
		} else {
			cmds[i] = redis.NewRawCmd(ctx, args...)
		}
		pipe.Process(ctx, cmds[i])
	}
	pipe.Exec(ctx)
	replies := make([]*resp.Reply, len(cmds))
	for i, cmd := range cmds {
		b := data.b
		if raw, ok := cmd.(*redis.RawCmd); ok {
			b = raw.Val()
		}
		replies[i] = p.answeredReply(b, cmd.Err())
	}
	p.askNodes(ctx, replies, commands)
	return replies
}

// rebindOrgans binds the organs of this process again, after the server has lost them. Many
// processes find out at the same moment.
func (p *partition) rebindOrgans(ctx context.Context) error {
	select {
	case <-time.After(rand.N(50 * time.Millisecond)):
	case <-ctx.Done():
		return ctx.Err()
	}
	p.mu.Lock()
	var queues []*queue
	for _, q := range p.queues {
		queues = append(queues, q)
	}
	p.mu.Unlock()
	if len(queues) == 0 {
		return nil
	}
	return p.bindOrgans(ctx, queues)
}
