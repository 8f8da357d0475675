package loop

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// Entries come to a queue in three ways, and all of them lead through admitEntries:
//
//   - A claim returns what other processes have left behind, and everything of an organ whose order counts.
//   - readNew returns new entries that are there already, for a Fetch that finds the buffer empty, or ahead of it.
//   - The readers of the partition wait for new entries, for all organs that have nothing to do.
//
// Redis leases an entry to this process when it reads it. A reply that is lost leaves entries leased that the process
// does not know; so every error of a read leads to a claim that asks for those (noteLostReply).

// readCommand returns the command that reads new entries of streams, at most count of each. With block it waits for the
// first one, for so many milliseconds. The entries are leased to the consumer of this process in the group.
func (p *Partition) readCommand(streams []string, count int, block int) []any {
	args := []any{"xreadgroup", "GROUP", "necro", p.process.Name, "COUNT", count}
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

// readNew reads new entries without waiting. It is for organs without order: those of others come through a claim. The
// gates are sent behind the read, in the same round trip, so that entries of an organ that was paused just before go
// back (see gates.go). The caller holds q.reading.
func (q *queue) readNew(ctx context.Context) error {
	term := q.p.Term()
	// The halts are counted before the gates are sent: an answer that is older than a halt must not open the organ.
	q.mu.Lock()
	count, room, halts := q.want, q.window.MemoryFor(q.want), q.held.Halts()
	q.mu.Unlock()
	m := *q.mode.Load()
	cmds := append([][]any{q.p.readCommand(q.readableStreams(), count, 0)}, q.gateCommands(m)...)
	start := time.Now()
	replies, err := q.p.SendPipeline(ctx, count, room, cmds...)
	if err != nil {
		return err
	}
	q.noteTrip(time.Since(start))
	lists, err := ParseRead(replies[0])
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

// admitEntries takes in the entries that were read, and makes the buffer fit the access: entries that it does not allow go
// back to Redis, and deliveries that wait for a key are set aside there. Until it returns, nothing that it would take out
// is handed out where order counts, because a claim is still looking. The caller holds q.reading. After an error the
// entries stay in the buffer, and the next claim looks again.
func (q *queue) admitEntries(ctx context.Context, list []received, now held.Access) error {
	// Poison is buried before anything else. When that fails the rest of its entry can be handed out nevertheless, by the
	// next Fetch: it is in the buffer already.
	if err := q.buryPoison(ctx, q.addEntries(list)); err != nil {
		return err
	}
	switch now { // the other ones allow the front stream, or nothing
	case held.Open:
		return nil
	case held.SomeKeys:
		return q.setAside(ctx)
	}
	return q.handBack(ctx, func(e *held.Entry) bool { return now != held.FrontOnly || e.Stream == held.MainStream })
}

// handBack releases those entries in the buffer that no caller has a delivery of, so that other processes may have them
// at once. They are lost to the share before the call is made, because a delivery must not be handed out that another
// process may already have. Deliveries of lanes stay this process's: the next claim that is asked for from now on reads them
// again, and the answer to one that is under way does not.
func (q *queue) handBack(ctx context.Context, which func(*held.Entry) bool) error {
	q.mu.Lock()
	back := q.held.LoseIdle(which)
	if q.held.LoseWaiting(func(int) bool { return true }) {
		q.rewindLanes()
	}
	q.mu.Unlock()
	return q.releaseEntries(ctx, back, nil)
}

// streamEntries are the entries that a read returned of one stream, by the name of its key.
type streamEntries struct {
	Name string
	List []received
}

// ParseRead reads the reply of XREADGROUP, or of XREAD. The entries point into it. The field m has the pack; entries of
// the front stream may have a second one, which says where the message stood before. It takes any fields, because other
// programs may have written the entry.
func ParseRead(r *resp.Reply) (lists []streamEntries, err error) {
	for range max(r.Array(), 0) {
		r.Array()
		l := streamEntries{Name: string(r.Bulk())}
		n := max(r.Array(), 0)
		l.List = make([]received, 0, n)
		for range n {
			r.Array()
			e := received{ID: r.Bulk(), deliveries: 1}
			for i := range max(r.Array(), 0) {
				switch v := r.Bulk(); i {
				case 1:
					e.Pack = v
				case 3:
					e.origin = v
				}
			}
			l.List = append(l.List, e)
		}
		if r.Err != nil {
			return nil, r.Err
		}
		lists = append(lists, l)
	}
	return lists, r.Err
}

// numberStream notes which of the queue's streams entries are from, and in which term they were read: an id names an entry
// only together with these. The term is that before the call, because another server may have the partition behind it.
func (q *queue) numberStream(l streamEntries, term uint64) []received {
	stream := held.MainStream
	if strings.HasPrefix(l.Name, q.p.Key("first:")) {
		stream = held.FrontStream
	}
	for i := range l.List {
		l.List[i].stream, l.List[i].term = stream, term
	}
	return l.List
}

// received is an entry as it was read. Its bytes belong to the reply, which is never written to again, so deliveries
// may point into them. Nothing about it was checked yet: unpack does that.
type received struct {
	stream     int
	term       uint64 // that of the server when the call was made
	ID         []byte
	deliveries int    // how often Redis delivered it
	marks      []byte // of its messages; empty when all are open
	Pack       []byte
	origin     []byte
	lanes      *laneFilter // of an organ with lanes: which messages are ours
}

// poison is a part of an entry that cannot be read. It becomes a dead letter (see buryPoison), so that it is not
// delivered again and again.
type poison struct {
	entry *held.Entry
	index int    // of the message in its pack
	raw   string // the bytes of this message, or all that are left of the entry
	rest  bool   // messages behind it are lost in it
	err   error
}

// unpack makes deliveries of an entry's open messages, and appends them to ds. Each message of the pack is one of three:
// it is settled already (its mark is #), becomes a delivery, or is poison. Other marks count how often a suspect was
// started, or say that it was given up (G). Any bytes are taken; those that are no message are kept in the poison.
func (r *received) unpack(ds []contract.Delivery, partition int, ts message.Types) ([]contract.Delivery, *held.Entry, []poison) {
	s := wire.View(r.Pack)
	now := time.Now()
	e := &held.Entry{Stream: r.stream, Partition: partition, ID: string(r.ID), Size: 1, Pack: s, Origin: string(r.origin), Read: now, Renewed: now, Term: r.term}
	n, rest, err := wire.ReadArrayLen(s)
	if err == nil && (n < 1 || n > message.MaxPack) {
		err = fmt.Errorf("a pack of %d messages, want 1 to %d", n, message.MaxPack)
	}
	if err != nil {
		r.lanes.prepareEntry(e)
		return ds, e, r.lanes.keepPoison(e, []poison{{entry: e, raw: s, rest: true, err: err}})
	}
	e.Size, s = n, rest
	r.lanes.prepareEntry(e)
	var bad []poison
	for i := range n {
		mark := byte('.') // neither settled nor started
		if i < len(r.marks) {
			mark = r.marks[i]
		}
		if mark == '#' {
			e.NoteDone(i)
			if s, err = wire.Skip(s); err != nil {
				return ds, e, r.lanes.keepPoison(e, append(bad, poison{entry: e, index: i + 1, raw: s, rest: true, err: err}))
			}
			continue
		}
		// An entry that was delivered before had a process which has not settled it, and may have crashed by it.
		ds = append(ds, contract.Delivery{Ref: e, Tag: uint64(i), Suspect: r.deliveries > 1})
		d := &ds[len(ds)-1]
		if mark >= '1' && mark <= '4' {
			d.Crashes = int32(mark - '0')
		}
		d.GivingUp = mark == 'G'
		start := s
		if s, err = message.Read(start, d, ts); err == nil {
			if r.lanes.keepDelivery(e, d, mark) {
				e.NoteRead(i)
			} else {
				e.NoteDone(i)
				ds = ds[:len(ds)-1]
			}
			continue
		}
		// Where the end of the message can be found, the messages behind it are read; else they are lost in it.
		ds = ds[:len(ds)-1]
		p := poison{entry: e, index: i, err: err}
		after, skip := wire.Skip(start)
		if p.rest = skip != nil; p.rest {
			p.raw = start
			return ds, e, r.lanes.keepPoison(e, append(bad, p))
		}
		p.raw, s = start[:len(start)-len(after)], after
		bad = append(bad, p)
	}
	return ds, e, r.lanes.keepPoison(e, bad)
}

// firstError returns the first of two errors that is not nil.
func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
