package conn

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
)

// maxReply is where an answer with entries is cut off.
const maxReply = 16 << 20

// RunCall carries out an atomic step, on whatever server the partition has: a step that must not reach another
// server than that of a lease goes through [Node.RunAll].
func (n *Node) RunCall(ctx context.Context, call store.Call) *resp.Reply {
	words := call.Command(false)
	for try := 0; ; try++ {
		r := n.SendCommand(ctx, words)
		if resp.HasCode(r.Err, "NOSCRIPT") {
			words = call.Command(true)
			r = n.SendCommand(ctx, words)
		}
		if !n.waitForMove(ctx, try, r) {
			return r
		}
	}
}

// RunAll carries out calls of one script in order, in one round trip, and returns their replies. None
// is sent when the term is over that they are for. A server that does not know the script refuses them, and
// they are sent again; the first of them brings the source then, so that the others find it. So are those
// that met a slot half moved.
func (n *Node) RunAll(ctx context.Context, term uint64, calls []store.Call) []*resp.Reply {
	replies, refused := make([]*resp.Reply, len(calls)), make([]int, len(calls))
	for i := range calls {
		refused[i] = i
	}
	for source, try := false, 0; len(refused) > 0; {
		commands := make([][]any, len(refused))
		for k, i := range refused {
			commands[k] = calls[i].Command(source && k == 0)
		}
		got := n.sendInTerm(ctx, term, commands)
		repeats := n.waitForMove(ctx, try, got...)
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

// sendInTerm sends commands of a term at once and returns their replies.
func (n *Node) sendInTerm(ctx context.Context, term uint64, commands [][]any) []*resp.Reply {
	client, err := n.clientOf(ctx, term)
	if err != nil {
		n.noteCall(err)
		replies := make([]*resp.Reply, len(commands))
		for i := range replies {
			replies[i] = &resp.Reply{Err: err}
		}
		return replies
	}
	if len(commands) == 1 {
		return []*resp.Reply{n.sendOnce(ctx, client, commands[0])}
	}
	return n.sendPipeline(ctx, client, 0, 0, commands...)
}

// SendCommand sends one command and returns its reply. It is not about an entry that another server may have
// leased, so it goes to the new one as well when the term ends.
func (n *Node) SendCommand(ctx context.Context, words []any) *resp.Reply {
	for {
		client, err := n.callClient(ctx)
		if err != nil {
			n.noteCall(err)
			return &resp.Reply{Err: err}
		}
		r := n.sendOnce(ctx, client, words)
		if !errors.Is(r.Err, ErrAnotherServer) || ctx.Err() != nil {
			return r
		}
	}
}

// SendPipeline sends commands at once and returns their replies. The first one reads at most so many entries: its
// reply gets room for so many bytes at once, and that of several entries is cut off when it is too large
// ([ErrTooLarge]).
func (n *Node) SendPipeline(ctx context.Context, entries, room int, commands ...[]any) ([]*resp.Reply, error) {
	client, err := n.callClient(ctx)
	if err != nil {
		return nil, err
	}
	return n.sendPipeline(ctx, client, entries, room, commands...), nil
}

// SendBlocking is SendPipeline on the connection of a reader, which has one of its own, so that its read may block
// for [MaxBlock].
func (n *Node) SendBlocking(ctx context.Context, reader, entries int, commands ...[]any) ([]*resp.Reply, error) {
	client, err := n.blockingClient(ctx, reader)
	if err != nil {
		return nil, err
	}
	return n.sendPipeline(ctx, client, entries, 0, commands...), nil
}

// EndBlocking ends the read of a reader that blocks, if it has reached the server. It reports false when the user
// may not do that.
func (n *Node) EndBlocking(ctx context.Context, reader int) (may bool) {
	if _, err := n.callClient(ctx); err != nil {
		return true
	}
	id := n.readers[reader].Load()
	answer := n.SendCommand(ctx, []any{"client", "unblock", max(id, 0)})
	return id != unknownReader && !errors.As(answer.Err, new(resp.ServerError))
}

// sendOnce sends one command by a client and returns its reply: that of the other node when the slot is being moved
// there.
func (n *Node) sendOnce(ctx context.Context, client *redis.Client, words []any) *resp.Reply {
	cmd := redis.NewRawCmd(ctx, words...)
	err := client.Process(ctx, cmd)
	replies := []*resp.Reply{n.receiveReply(cmd.Val(), err)}
	if replies[0].Err != nil {
		n.askNodes(ctx, replies, [][]any{words})
	}
	return replies[0]
}

// sendPipeline sends commands at once by a client. When the first one reads entries, its reply goes from the
// connection to where it stays, without a copy.
func (n *Node) sendPipeline(ctx context.Context, client *redis.Client, entries, room int, commands ...[]any) []*resp.Reply {
	pipe := client.Pipeline()
	data := &sink{b: make([]byte, 0, room)}
	if entries > 1 {
		data.most = maxReply
	}
	cmds := make([]redis.Cmder, len(commands))
	for i, words := range commands {
		if i == 0 && entries > 0 {
			cmds[i] = redis.NewRawWriteToCmd(ctx, data, words...)
		} else {
			cmds[i] = redis.NewRawCmd(ctx, words...)
		}
		pipe.Process(ctx, cmds[i])
	}
	pipe.Exec(ctx) // its error is that of a command
	replies := make([]*resp.Reply, len(cmds))
	for i, cmd := range cmds {
		b := data.b
		if raw, ok := cmd.(*redis.RawCmd); ok {
			b = raw.Val()
		}
		replies[i] = n.receiveReply(b, cmd.Err())
	}
	n.askNodes(ctx, replies, commands)
	return replies
}

// receiveReply returns the reply to a command. Whatever it says about the server, the node takes in: every
// reply passes here.
func (n *Node) receiveReply(raw []byte, err error) *resp.Reply {
	r := &resp.Reply{Raw: raw, Err: err}
	r.TakeError()
	n.noteCall(r.Err)
	n.noteMove(r.Err)
	if r.Err != nil {
		n.forgetMoved(r.Err)
		r.Raw = nil
	}
	return r
}
