package redisstream

import (
	"context"
	"strings"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

// readableStreams are what may be read of a queue now, the front first.
func (q *queue) readableStreams() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.state == stateHeld:
		return []string{q.key("first")}
	case !q.state.isReadable():
		return nil
	case q.order() != "-":
		return []string{q.key("first"), q.key("q")}
	}
	return []string{q.key("q")}
}

// readCommand reads new entries of streams.
func (p *partition) readCommand(streams []string, count int, block int) []any {
	args := []any{"xreadgroup", "GROUP", "necro", p.b.process, "COUNT", count}
	if block > 0 {
		args = append(args, "BLOCK", block)
	}
	args = append(args, "STREAMS")
	for _, s := range streams {
		args = append(args, s)
	}
	for range streams {
		args = append(args, ">")
	}
	return args
}

// gateCommands are the commands that tell whether a queue may be read. They are sent behind a read, in the same round
// trip: entries read while an organ was paused are handed back.
func (q *queue) gateCommands(m mode) [][]any {
	cmds := [][]any{{"hmget", q.p.key("pause"), q.organ, q.organ + "!"}}
	if m.exclusive {
		cmds = append(cmds, []any{"get", q.key("own")})
	}
	if m.order != "-" {
		cmds = append(cmds, []any{"hlen", q.key("hold")})
	}
	return cmds
}

// stateFromGates reads the replies to gates of a mode, and notes the state that they tell.
func (q *queue) stateFromGates(m mode, replies []*resp.Reply, haltsBefore int) (open state, err error) {
	now := stateOpen
	paused := replies[0]
	for range max(paused.Array(), 0) {
		if paused.Bulk() != nil {
			now = statePaused
		}
	}
	err = paused.Err
	next := 1
	if m.exclusive {
		owner := replies[next].Bulk()
		if now == stateOpen && !q.ownsOrgan(string(owner)) {
			now = stateOwned
		}
		err = firstError(err, replies[next].Err)
		next++
	}
	if m.order != "-" {
		if n := replies[next].Int(); now == stateOpen && n > 0 {
			now = stateKeys
			if m.order == "strict" {
				now = stateHeld
			}
		}
		err = firstError(err, replies[next].Err)
	}
	if err != nil {
		return stateOpen, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.noteState(now, haltsBefore), nil
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// ownsOrgan reports whether a consumer of this process is the owner.
func (q *queue) ownsOrgan(owner string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, c := range q.consumers {
		if c.name == owner {
			return true
		}
	}
	return false
}

// readNew reads new entries without waiting, where order does not count: else claim does.
func (q *queue) readNew(ctx context.Context) error {
	term := q.p.Term()
	q.mu.Lock()
	count, room, halts := q.want, q.window.memoryFor(q.want), q.halts
	q.mu.Unlock()
	m := *q.mode.Load()
	cmds := append([][]any{q.p.readCommand(q.readableStreams(), count, 0)}, q.gateCommands(m)...)
	start := time.Now()
	replies, err := q.p.SendPipeline(ctx, count, room, cmds...)
	if err != nil {
		return err
	}
	q.noteTrip(time.Since(start))
	lists, err := parseRead(replies[0])
	if err != nil {
		return q.noteFailedRead(ctx, err)
	}
	open, err := q.stateFromGates(m, replies[1:], halts)
	if err != nil {
		return q.noteFailedRead(ctx, err)
	}
	var all []received
	for _, l := range lists {
		all = append(all, q.numberStream(l, term)...)
	}
	q.mu.Lock()
	q.busy = len(all) >= count
	q.mu.Unlock()
	return q.admitEntries(ctx, all, open)
}

// admitEntries takes in the entries that were read, and hands back those that the state does not allow, also of the
// buffer.
func (q *queue) admitEntries(ctx context.Context, list []received, now state) error {
	if err := q.buryPoison(ctx, q.addEntries(list)); err != nil {
		return err
	}
	switch now {
	case stateOpen:
		return nil
	case stateKeys:
		return q.setAside(ctx)
	}
	return q.handBack(ctx, func(e *entry) bool { return now != stateHeld || e.stream == mainStream })
}

// handBack releases the entries in the buffer of which nothing is handed out.
func (q *queue) handBack(ctx context.Context, which func(*entry) bool) error {
	q.mu.Lock()
	var back []*entry
	for i := range q.buffer {
		e := q.buffer[i].Ref.(*entry)
		if e.isIdle() && which(e) && (len(back) == 0 || back[len(back)-1] != e) {
			back = append(back, e)
		}
	}
	q.forgetEntries(back)
	q.mu.Unlock()
	return q.releaseEntries(ctx, back, nil)
}

// streamEntries is what a read returned of one stream.
type streamEntries struct {
	name string
	list []received
}

// parseRead reads the reply of XREADGROUP.
func parseRead(r *resp.Reply) (lists []streamEntries, err error) {
	for range max(r.Array(), 0) {
		r.Array()
		l := streamEntries{name: string(r.Bulk())}
		n := max(r.Array(), 0)
		l.list = make([]received, 0, n)
		for range n {
			r.Array()
			e := received{id: r.Bulk(), deliveries: 1}
			for i := range max(r.Array(), 0) {
				switch v := r.Bulk(); i {
				case 1:
					e.pack = v
				case 3:
					e.origin = v
				}
			}
			l.list = append(l.list, e)
		}
		if r.Err != nil {
			return nil, r.Err
		}
		lists = append(lists, l)
	}
	return lists, r.Err
}

// numberStream says which of the queue's streams entries are from, and in which term they were read.
func (q *queue) numberStream(l streamEntries, term uint64) []received {
	stream := mainStream
	if strings.HasPrefix(l.name, q.p.key("first:")) {
		stream = frontStream
	}
	for i := range l.list {
		l.list[i].stream, l.list[i].term = stream, term
	}
	return l.list
}
