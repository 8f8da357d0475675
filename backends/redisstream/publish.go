package redisstream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
	"github.com/necrostack/necrogen/runtime/contract"
)

// maxEvents is how many events one call publishes at most, of MaxBytes.
const maxEvents = 1000

// Publish stores messages, all or none of those that go to one partition. It is sent at once when nothing is
// under way; messages that come meanwhile go together.
func (b *Backend) Publish(ctx context.Context, msgs []contract.Message, _ contract.PublishOptions) (contract.Duplicates, error) {
	if err := b.process.ConnectOnce(ctx); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	calls := make([]*publishCall, len(b.partitions))
	for i := range msgs {
		if err := msgs[i].Check(); err != nil {
			return nil, fmt.Errorf("publish: %w", err)
		}
		at := b.partitionOf(&msgs[i])
		if calls[at] == nil {
			calls[at] = &publishCall{done: make(chan struct{})}
		}
		payload, err := msgs[i].Encoded()
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", msgs[i].Type.Name, err)
		}
		calls[at].addMessage(i, &msgs[i], payload)
	}
	for _, c := range calls {
		if c == nil {
			continue
		}
		if len(c.items) > maxEvents || len(c.bytes) > message.MaxBytes {
			return nil, fmt.Errorf("publish %d events of %d bytes: at most %d events or %d bytes: %w",
				len(c.items), len(c.bytes), maxEvents, message.MaxBytes, contract.ErrBatchTooLarge)
		}
	}
	for at, c := range calls {
		if c != nil {
			b.partitions[at].publisher.putCall(ctx, c)
		}
	}
	var errs []error
	var duplicates contract.Duplicates
	for at, c := range calls {
		if c == nil {
			continue
		}
		err := b.partitions[at].publisher.waitForCall(ctx, c)
		errs = append(errs, err)
		for i := 0; err == nil && i < len(c.duplicates); i++ {
			duplicates = duplicates.With(c.duplicates[i].at, len(msgs), c.duplicates[i].of)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return duplicates, nil
}

// PublishOne is Publish for one message.
func (b *Backend) PublishOne(ctx context.Context, m contract.Message, options contract.PublishOptions) (duplicate bool, err error) {
	duplicates, err := b.Publish(ctx, []contract.Message{m}, options)
	return duplicates.Has(0), err
}

// partitionOf returns the number of the partition that a published message goes to: all
// processes choose the same one.
func (b *Backend) partitionOf(m *contract.Message) int {
	if len(b.partitions) == 1 {
		return 0
	}
	text := m.Key
	switch {
	case text != "":
	case m.Unique != 0: // of its name there is one at a time, in one place
		text = m.Type.Name
	default:
		text = string(m.ID[:])
	}
	hash := uint64(14695981039346656037) // FNV-1a
	for i := range len(text) {
		hash = (hash ^ uint64(text[i])) * 1099511628211
	}
	return int(hash % uint64(len(b.partitions)))
}

// publishCall is what one caller publishes.
type publishCall struct {
	bytes []byte // the messages as they are stored, one behind the other
	items []item
	timed int // of the messages, those whose id has a time of its own
	done  chan struct{}

	unique bool // a message is unique

	// Who sends the call writes these before it closes done.
	err        error
	duplicates []duplicate
}

// duplicate is a message that was not stored: its place, as the caller has it, and the id of the event that is there.
type duplicate struct {
	at int
	of contract.ID
}

type item struct {
	typ  *contract.EventType
	row  string // what its row has for an id: where the caller chose that, or the event is unique (see publish.lua)
	once bool   // the caller chose the id
	end  int    // in the bytes
	due  int64  // in nanoseconds since 1970; 0 at once
	id   contract.ID
	at   int // place of the message, as the caller has it
}

// addMessage encodes the caller's message i into memory of the call's own.
func (c *publishCall) addMessage(i int, m *contract.Message, payload []byte) {
	if c.bytes == nil {
		c.bytes = make([]byte, 0, len(payload)+160)
	}
	msg := *m
	msg.Payload = payload
	c.bytes = message.Append(c.bytes, &msg, message.Progress{})
	c.items = append(c.items, item{typ: m.Type, end: len(c.bytes), due: m.Due, id: m.ID, at: i, once: m.Once, row: rowOf(m)})
	if m.Once && m.Remember > 0 {
		c.timed++
	}
	c.unique = c.unique || m.Unique != 0
}

// rowOf returns what the row of a message has for an id, and nothing where it needs none.
func rowOf(m *contract.Message) string {
	if !m.Once && m.Unique == 0 {
		return ""
	}
	row := slices.Clone(m.ID[:])
	if m.Once && m.Remember > 0 {
		row = store.AppendMemory(row, m.Remember)
	}
	if m.Unique != 0 {
		row = store.AppendUnique(row, m.Once, m.Unique, m.Type.Name, m.Key)
	}
	return string(row)
}

// hasIDs reports whether a caller chose the id of a message.
func (c *publishCall) hasIDs() bool {
	return slices.ContainsFunc(c.items, func(it item) bool { return it.once })
}

// publisher sends what callers publish: one command at a time, with all that has come
// together since the last one.
type publisher struct {
	p    *partition
	wake chan struct{}

	mu      sync.Mutex
	waiting []*publishCall
	running bool      // the goroutine that sends
	busy    bool      // a command is under way
	trouble error     // why the last try of a command failed
	number  int       // of the last command, on this publisher's token
	renewed time.Time // when the expiry of its token was
}

func (u *publisher) init(p *partition) {
	u.p, u.wake = p, make(chan struct{}, 1)
}

// putCall sends a call, or queues it where one is under way. A caller that cannot be cancelled
// sends it itself: that saves two switches between goroutines, a tenth of the latency.
func (u *publisher) putCall(ctx context.Context, c *publishCall) {
	u.mu.Lock()
	if u.p.b.process.Done.Err() != nil {
		u.mu.Unlock()
		c.err = contract.ErrClosed
		close(c.done)
		return
	}
	u.waiting = append(u.waiting, c)
	if !u.running {
		u.running = true
		u.p.b.process.Workers.Go(u.publishQueued)
	}
	inline := !u.busy && ctx.Done() == nil
	u.busy = u.busy || inline
	u.mu.Unlock()
	if inline {
		u.sendSome()
	}
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

// waitForCall returns when a call was carried out, or ctx is done. When the call was sent by then,
// its events may be stored.
func (u *publisher) waitForCall(ctx context.Context, c *publishCall) error {
	select {
	case <-c.done:
		return c.err
	case <-ctx.Done():
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if i := slices.Index(u.waiting, c); i >= 0 {
		u.waiting = slices.Delete(u.waiting, i, i+1)
	}
	if u.trouble != nil { // the caller's time went into a server that does not serve
		return u.p.ExplainError(fmt.Errorf("%w: %w", ctx.Err(), u.trouble))
	}
	return ctx.Err()
}

func (u *publisher) setTrouble(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.trouble = err
}

// publishQueued publishes what callers leave to it, until the backend is closed.
func (u *publisher) publishQueued() {
	for {
		select {
		case <-u.wake:
		case <-u.p.b.process.Done.Done():
			u.refuseCalls()
			return
		}
		for u.takeTurn() {
			u.sendSome()
		}
	}
}

// takeTurn takes the right to send, when a publisher waits and none has it.
func (u *publisher) takeTurn() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.busy || len(u.waiting) == 0 {
		return false
	}
	u.busy = true
	return true
}

// sendSome sends what fits into one command. The caller has the right to, and gives it back.
func (u *publisher) sendSome() {
	leave := u.p.b.publishing.enterLane(u.p)
	defer leave()
	if calls := u.takeCalls(); len(calls) > 0 {
		u.finishCalls(calls)
	}
	u.mu.Lock()
	u.busy = false
	u.mu.Unlock()
}

// finishCalls carries out calls, and tells their callers. One whose ids have no room does not spoil the others.
func (u *publisher) finishCalls(calls []*publishCall) {
	err := u.publishCalls(calls)
	if len(calls) > 1 && errors.Is(err, contract.ErrIDsFull) {
		for i := range calls {
			u.finishCalls(calls[i : i+1])
		}
		return
	}
	for _, c := range calls {
		c.err = err
		close(c.done)
	}
}

// maxPublishing is how many publish commands a process has under way at a server, of all partitions
// that are there.
const maxPublishing = 2

// publishing lets a few publishers of a server's partitions send at a time. Messages for the others meanwhile go
// together: otherwise commands would be as many as partitions times those of one, and as much smaller.
type publishing struct {
	mu    sync.Mutex
	lanes map[string]chan struct{} // by address of the server
}

// enterLane waits until the publisher of a partition may send, and returns what ends its turn.
func (g *publishing) enterLane(p *partition) (leave func()) {
	if len(p.b.partitions) == 1 {
		return func() {}
	}
	lane := g.laneOf(p.Address())
	select {
	case lane <- struct{}{}:
		return func() { <-lane }
	case <-p.b.process.Done.Done():
		return func() {}
	}
}

func (g *publishing) laneOf(addr string) chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.lanes == nil {
		g.lanes = map[string]chan struct{}{}
	}
	if g.lanes[addr] == nil {
		g.lanes[addr] = make(chan struct{}, maxPublishing)
	}
	return g.lanes[addr]
}

// takeCalls returns calls that fit into one command.
func (u *publisher) takeCalls() []*publishCall {
	u.mu.Lock()
	defer u.mu.Unlock()
	n, events, size := 0, 0, 0
	for _, c := range u.waiting {
		events, size = events+len(c.items), size+len(c.bytes)
		if n > 0 && (events > maxEvents || size > message.MaxBytes) {
			break
		}
		n++
	}
	calls := slices.Clone(u.waiting[:n])
	u.waiting = slices.Delete(u.waiting, 0, n)
	return calls
}

// refuseCalls ends the calls of a closed backend.
func (u *publisher) refuseCalls() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, c := range u.waiting {
		c.err = contract.ErrClosed
		close(c.done)
	}
	u.waiting = nil
}

// renewEvery is how often a publisher renews its token, which lasts two minutes.
const renewEvery = 30 * time.Second

// maxTries is how often a command is sent whose reply was lost, and maxRefusals how often one
// that came to a server which cannot carry it out: it takes a second or two until a client knows
// that a slot of a cluster has moved, or until a server has loaded its data.
const (
	maxTries    = 3
	maxRefusals = 10
)

// triesAfter is how often to send a command that failed like this.
func triesAfter(err error) int {
	switch {
	case conn.IsNetwork(err):
		return maxTries
	case resp.HasCode(err, "MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN", "READONLY", "LOADING", "MASTERDOWN"):
		return maxRefusals
	}
	return 0
}

// publishCalls carries out calls as one command. It is repeated under the same number when its
// reply is lost, and stores once.
func (u *publisher) publishCalls(calls []*publishCall) error {
	u.number++
	renew := "0"
	if time.Since(u.renewed) > renewEvery {
		renew = "1"
	}
	ctx := u.p.b.process.Done
	var r *resp.Reply
	for try := 1; ; try++ {
		if r = u.tryOnce(ctx, calls, renew); try >= triesAfter(r.Err) {
			break
		}
		u.setTrouble(r.Err)
		select {
		case <-time.After(conn.JitterWait(10 * time.Millisecond << min(try, 5))):
		case <-ctx.Done():
			return contract.ErrClosed
		}
	}
	u.setTrouble(r.Err)
	if r.Err == nil && renew == "1" {
		u.renewed = time.Now()
	}
	return u.p.ExplainError(r.Err)
}

// tryOnce sends calls once, to a partition that is ready for use. While its server is down most tries are
// put off: else each caller would wait for its own timeout.
func (u *publisher) tryOnce(ctx context.Context, calls []*publishCall, renew string) *resp.Reply {
	if err := u.p.PutOff(); err != nil {
		return &resp.Reply{Err: err}
	}
	if err := u.p.OpenOnce(ctx); err != nil {
		return &resp.Reply{Err: err}
	}
	return u.p.CallFresh(ctx, func(t *table.Bindings) *resp.Reply { return u.sendCalls(ctx, t, calls, renew) })
}

func (u *publisher) sendCalls(ctx context.Context, t *table.Bindings, calls []*publishCall, renew string) *resp.Reply {
	if c := calls[0]; len(calls) == 1 && len(c.items) == 1 && c.items[0].row == "" && c.items[0].due == 0 {
		if organs := t.DirectTargets(c.items[0].typ.Name); len(organs) == 1 {
			return u.sendOne(ctx, t, organs[0], c, renew)
		}
	}
	rs := table.NewRoutes(u.p.Keys(), t)
	w := store.NewRowsWithIDs(&rs.Routes)
	for _, c := range calls {
		from := 0
		for _, it := range c.items {
			if it.row != "" {
				w.SetID(it.row)
			}
			stored := c.bytes[from:it.end]
			if it.due == 0 {
				w.End(append(w.Begin(rs.RouteOf(it.typ)), stored...))
			} else {
				w.End(append(store.AppendDelay(w.Begin(rs.LaterRoute(it.typ)), message.TimeLeft(it.due), it.id), stored...))
			}
			if it.row != "" {
				w.SetID("")
			}
			from = it.end
		}
	}
	w.Close()
	publish := store.PublishRequest{Keys: u.p.Keys(), HasIDs: slices.ContainsFunc(calls, (*publishCall).hasIDs), Timed: countTimed(calls), Digest: t.Digest,
		Unique: slices.ContainsFunc(calls, func(c *publishCall) bool { return c.unique }),
		Number: u.number, Renew: renew == "1", Process: u.p.b.process.Name, Rows: w}
	r := u.p.RunCall(ctx, publish.Call())
	if store.IsStale(r) {
		return r
	}
	reply, err := publish.ReadReply(r)
	if errors.Is(err, store.ErrIDsFull) {
		err = fmt.Errorf("publish: %w", contract.ErrIDsFull)
	}
	if err != nil {
		return &resp.Reply{Err: err}
	}
	noteDuplicates(calls, reply.Duplicates)
	for _, c := range calls {
		for _, it := range c.items {
			if it.due != 0 {
				u.p.AddDueTime(time.Unix(0, it.due))
			}
		}
	}
	return r
}

// countTimed counts the messages whose id has a time of its own.
func countTimed(calls []*publishCall) (timed int) {
	for _, c := range calls {
		timed += c.timed
	}
	return timed
}

// noteDuplicates tells calls which of their messages were there before. known is of those with an id; nil is none.
func noteDuplicates(calls []*publishCall, known []store.PublishDuplicate) {
	for _, c := range calls {
		for _, it := range c.items {
			if it.row == "" || len(known) == 0 {
				continue
			}
			is, of := known[0].Is, contract.ID(known[0].Of)
			if is && of.IsZero() {
				of = it.id
			}
			if is {
				c.duplicates = append(c.duplicates, duplicate{it.at, of})
			}
			known = known[1:]
		}
	}
}

// sendOne sends one message for one organ, as most calls have it: the server takes half the
// time.
func (u *publisher) sendOne(ctx context.Context, t *table.Bindings, to *table.Target, c *publishCall, renew string) *resp.Reply {
	one := store.OneRequest{Keys: u.p.Keys(), Organ: to.Organ, Digest: t.Digest, Number: u.number, Renew: renew == "1",
		Process: u.p.b.process.Name, Entry: append([]byte{0x91}, c.bytes...)}
	return u.p.RunCall(ctx, one.Call())
}
