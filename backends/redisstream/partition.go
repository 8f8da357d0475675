package redisstream

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// partition is a share of the namespace whose keys one server holds, so that one script can
// touch all of them.
type partition struct {
	b      *Backend
	number int
	prefix string
	node   node

	tables    tables
	publisher publisher
	reader    reader
	schedule  schedule
	speaking  lock // held while this process says which consumers it has

	mu     sync.Mutex
	queues map[string]*queue // of organs that this process consumes
}

func newPartition(b *Backend, number int) *partition {
	prefix := fmt.Sprintf("necro:{%s:%d}:", b.namespace, number)
	p := &partition{b: b, number: number, prefix: prefix, queues: map[string]*queue{}, speaking: newLock()}
	p.node = node{parent: b.client, slot: prefix + "meta", used: b.follow, sockets: map[*socket]bool{}}
	p.publisher.init(p)
	p.reader.init(p)
	p.schedule.init(p)
	return p
}

func (p *partition) key(name string) string { return p.prefix + name }

// run carries out a script.
func (p *partition) run(ctx context.Context, s *script, keys []string, args ...any) *reply {
	calls, _, err := p.node.clients(ctx)
	if err != nil {
		return &reply{err: err}
	}
	head := make([]any, 3, 3+len(keys)+len(args))
	head[0], head[1], head[2] = "evalsha", s.sha, len(keys)
	for _, k := range keys {
		head = append(head, k)
	}
	all := append(head, args...)
	r := p.send(ctx, calls, all)
	if isRedis(r.err, "NOSCRIPT") {
		all[0], all[1] = "eval", s.source
		r = p.send(ctx, calls, all)
	}
	return r
}

// send sends one command and returns its reply.
func (p *partition) send(ctx context.Context, client *redis.Client, args []any) *reply {
	cmd := redis.NewRawCmd(ctx, args...)
	err := client.Process(ctx, cmd)
	return p.answered(cmd.Val(), err)
}

// answered returns the reply to a command, whose error is taken out already.
func (p *partition) answered(b []byte, err error) *reply {
	if err != nil {
		p.node.moved(err)
		return &reply{err: err}
	}
	r := &reply{b: b}
	if len(r.b) > 0 && r.b[0] == '-' {
		r.line()
		p.node.moved(r.err)
	}
	return r
}

// pipeline sends commands at once and returns their replies. The first reply, where the data
// is, gets room for so many bytes at once.
func (p *partition) pipeline(ctx context.Context, client *redis.Client, room int, commands ...[]any) []*reply {
	pipe := client.Pipeline()
	data := &sink{b: make([]byte, 0, room)}
	cmds := make([]redis.Cmder, len(commands))
	for i, args := range commands {
		if i == 0 && room > 0 {
			cmds[i] = redis.NewRawWriteToCmd(ctx, data, args...)
		} else {
			cmds[i] = redis.NewRawCmd(ctx, args...)
		}
		pipe.Process(ctx, cmds[i])
	}
	pipe.Exec(ctx)
	replies := make([]*reply, len(cmds))
	for i, cmd := range cmds {
		b := data.b
		if raw, ok := cmd.(*redis.RawCmd); ok {
			b = raw.Val()
		}
		replies[i] = p.answered(b, cmd.Err())
	}
	return replies
}

// rebind binds the organs of this process again, after the server has lost them. Many
// processes find out at the same moment.
func (p *partition) rebind(ctx context.Context) error {
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
	return p.bind(ctx, queues)
}
