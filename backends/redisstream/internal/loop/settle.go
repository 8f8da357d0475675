package loop

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
	"github.com/necrostack/necrogen/runtime/contract"
)

// commit settles the outcomes of several callers together: while one command is under way, the calls that come wait for
// the next one. So a server that takes long gets fewer and larger commands, and an idle one gets each call at once.
//
//	idle --a call comes--> busy --the command has ended, and no call waits--> idle
//
// The caller that finds the commit idle settles in its own goroutine, which saves two switches between goroutines. When
// others wait behind it, a goroutine of the commit settles for them, until none waits.
//
// Invariant: one goroutine settles while busy is true, and none while it is false. It takes every call out of waiting.
type commit struct {
	q *queue // written by newQueue

	mu      sync.Mutex    // guards what follows
	busy    bool          // a goroutine settles
	waiting []*settleCall // in the order in which they came
}

// settleCall is the call of one caller.
type settleCall struct {
	// Written by the caller, before the call waits.

	ctx      context.Context
	outcomes []contract.Outcome
	owner    string // the consumer that owns an exclusive organ, else empty

	// The goroutine that settles writes these before it closes done. The caller reads them after that.

	results contract.Results
	err     error
	done    chan struct{} // nil where the caller settles by itself
}

// settleOutcomes settles outcomes, and returns which of them were applied. A call that waits does not look at its
// context, because its outcomes may be in a command that is under way. After an error any of them may be applied.
func (c *commit) settleOutcomes(ctx context.Context, outcomes []contract.Outcome, owner string) (contract.Results, error) {
	call := &settleCall{ctx: ctx, outcomes: outcomes, owner: owner}
	// A look at busy and a place in waiting are one step, so that no call waits behind the last one.
	c.mu.Lock()
	if c.busy {
		call.done = make(chan struct{})
		c.waiting = append(c.waiting, call)
		c.mu.Unlock()
		<-call.done
		return call.results, call.err
	}
	c.busy = true
	c.mu.Unlock()
	call.results, call.err = c.q.settleAll(ctx, outcomes, owner)
	if !c.endTurnIfIdle() {
		go c.settleFollowing()
	}
	return call.results, call.err
}

// endTurnIfIdle reports whether no call waits, and ends the caller's turn.
func (c *commit) endTurnIfIdle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = len(c.waiting) > 0
	return !c.busy
}

// settleFollowing settles the outcomes that have come meanwhile, until no call waits.
func (c *commit) settleFollowing() {
	for !c.endTurnIfIdle() {
		c.mu.Lock()
		calls := c.waiting
		c.waiting = nil
		c.mu.Unlock()
		for len(calls) > 0 {
			n := countTogether(calls)
			c.settleCalls(calls[:n])
			calls = calls[n:]
		}
	}
}

// countTogether returns how many of the calls go in one command, one at least: those of one owner, because a script
// checks one owner, and no more outcomes than it takes.
func countTogether(calls []*settleCall) int {
	n, outcomes := 0, 0
	for n < len(calls) && calls[n].owner == calls[0].owner && (n == 0 || outcomes+len(calls[n].outcomes) <= MaxOutcomes) {
		outcomes += len(calls[n].outcomes)
		n++
	}
	return n
}

// settleCalls settles calls of one owner as one, and tells each its results. The context of the first one counts
// for all: when it ends, the others get its error, and repeat their calls.
func (c *commit) settleCalls(calls []*settleCall) {
	var all []contract.Outcome
	for _, call := range calls {
		all = append(all, call.outcomes...)
	}
	results, err := c.q.settleAll(calls[0].ctx, all, calls[0].owner)
	for _, call := range calls {
		call.err = err
		if err == nil {
			call.results, results = results[:len(call.outcomes)], results[len(call.outcomes):]
		}
		close(call.done)
	}
}

// settleAll applies outcomes. It divides them into scripts by their number and size, and the scripts into pipelines. The
// results are in the order of the outcomes. After an error there are none, even where parts were answered: the caller
// repeats the call, and the outcomes that were applied are lost then.
func (q *queue) settleAll(ctx context.Context, outcomes []contract.Outcome, owner string) (contract.Results, error) {
	giveUpUnencodable(outcomes)
	results := make(contract.Results, 0, len(outcomes))
	for len(outcomes) > 0 {
		parts, n := q.divideParts(outcomes)
		if err := q.settleParts(ctx, parts, owner); err != nil {
			return nil, q.p.ExplainError(err)
		}
		for i := range parts {
			results = append(results, parts[i].results...)
		}
		outcomes = outcomes[n:]
	}
	return results, nil
}

// settlePart has the outcomes that one script settles. Only the goroutine of the call uses it.
//
//	open --its answer came--> answered
//
// An open part is sent again when the script has refused it before its first write: because the table of bindings is
// another one, or another server has the partition by now. An answered part is never sent again.
type settlePart struct {
	outcomes []contract.Outcome // a part of the caller's
	whole    bool               // entries that are covered may be settled as one
	joint    bool               // and, where the order counts or states are written, together: no other part is in the pipeline
	groups   []group            // of the outcomes, as they were sent last
	answered bool               // the server has said of each outcome whether it was applied
	results  contract.Results   // of the outcomes, when answered
}

// Bounds of one pipeline, in bytes. It begins with the least, doubles while the pipelines pass quickly, and
// falls back when one fails: on a slow link a larger one would end at the client's timeout, and so would its
// repetition.
const (
	leastSent = message.MaxBytes
	mostSent  = 4 << 20
	quickly   = 250 * time.Millisecond
)

// divideParts cuts outcomes into parts that go in one pipeline, and returns how many of them do.
func (q *queue) divideParts(outcomes []contract.Outcome) (parts []settlePart, n int) {
	q.mu.Lock()
	room := max(q.sendBytes, leastSent)
	q.mu.Unlock()
	for n < len(outcomes) && (n == 0 || room > 0) {
		count, size := countFitting(outcomes[n:])
		if room -= size; n > 0 && room < 0 {
			break
		}
		parts = append(parts, settlePart{outcomes: outcomes[n : n+count], whole: true})
		n += count
	}
	parts[0].joint = len(parts) == 1 // what is refused comes again, and must not come behind another part
	return parts, n
}

// settleParts settles parts in order: in one round trip, as long as this process knows the table of bindings and the
// server knows the script. A part that is refused for one of these is sent again, and so are those behind it that were
// refused as well. After an error the outcomes of any part may have been applied; those whose answer came are noted.
// When the bindings change under each of many attempts the call ends with [table.ErrStale].
func (q *queue) settleParts(ctx context.Context, parts []settlePart, owner string) error {
	p := q.p
	t, err := p.CurrentTable(ctx)
	if err != nil {
		return err
	}
	for range table.MaxStale {
		var open []*settlePart
		for i := range parts {
			if !parts[i].answered {
				open = append(open, &parts[i])
			}
		}
		if len(open) == 0 {
			return nil
		}
		stale, err := q.sendParts(ctx, t, open, owner)
		// Another server has the partition by now. The parts begin again in its term, where their entries are compared.
		if errors.Is(err, conn.ErrAnotherServer) {
			continue
		}
		if err != nil {
			return err
		}
		if stale {
			if t, err = p.refreshTable(ctx); err != nil {
				return err
			}
		}
	}
	return table.ErrStale
}

// sendParts sends parts in one pipeline, and reports whether some of them were refused because the table of bindings is
// another one by now. Entries that the server does not store as they were leased are not sent, and count as lost. All
// answers are taken in, also behind one that is an error.
func (q *queue) sendParts(ctx context.Context, t *table.Bindings, parts []*settlePart, owner string) (stale bool, err error) {
	term, foreign, err := q.enterTerm(ctx, entriesIn(parts))
	if err != nil {
		return false, err
	}
	m := q.modeIn(t) // the script refuses other bindings than t, so this mode is the one in effect
	requests, calls := make([]store.SettleRequest, len(parts)), make([]store.Call, len(parts))
	for i, part := range parts {
		part.groups = q.groupOutcomes(part.outcomes, m, part.whole, part.joint)
		requests[i] = q.settleRequest(t, m, part.leaveOut(foreign), owner)
		defer requests[i].Rows.Recycle()
		calls[i] = requests[i].Call()
	}
	start := time.Now()
	replies := q.p.RunAll(ctx, term, calls)
	q.noteSent(time.Since(start), replies)
	// The answer of a part counts whatever has become of those before it: its outcomes are applied or lost for good.
	for i, r := range replies {
		said, failed := requests[i].ReadReply(r)
		if errors.Is(failed, store.ErrStale) {
			stale = true
			continue
		}
		if failed == nil {
			failed = q.readAnswer(ctx, parts[i], said, owner)
		}
		err = firstError(err, failed)
	}
	return stale, err
}

// leaveOut marks the groups of foreign entries as lost, and returns those that are not lost, which are sent.
func (p *settlePart) leaveOut(foreign []*held.Entry) []*group {
	sent := make([]*group, 0, len(p.groups))
	for i := range p.groups {
		g := &p.groups[i]
		if g.lost = g.lost || slices.Contains(foreign, g.e); !g.lost {
			sent = append(sent, g)
		}
	}
	return sent
}

// laneGoes is the answer to a decline that hands its lane to another consumer, with the delivery as it is.
const laneGoes = '3'

// resultOf returns the result that the script's answer to one outcome says.
func resultOf(answer byte) contract.Result {
	switch answer {
	case '1', laneGoes:
		return contract.ResultApplied
	case '2':
		return contract.ResultConflict
	}
	return contract.ResultLost
}

// noteSent sizes the next pipeline by how this one went: twice as large when it passed quickly, and the smallest after an
// error of the network.
func (q *queue) noteSent(took time.Duration, replies []*resp.Reply) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range replies {
		if conn.IsNetwork(r.Err) {
			q.sendBytes = leastSent
			return
		}
	}
	if took < quickly {
		q.sendBytes = min(max(2*q.sendBytes, 2*leastSent), mostSent)
	}
}

// readAnswer takes in the answers of the script to the outcomes of a part. It keeps an order: keys that a settle may hold
// are noted before the deliveries are done, because a claim that comes between would hand out the next ones of these
// keys. When the settle has paused the organ the rest of the buffer goes back.
func (q *queue) readAnswer(ctx context.Context, part *settlePart, said store.SettleReply, owner string) error {
	if q.order() == "key" { // before settled has the state looked up: that sets them aside
		q.holdKeys(part.outcomes)
	}
	part.answered = true
	again := settlePart{} // of the groups that the script has refused: one by one, and in one call, since they may depend on each other
	refused := make([]bool, len(part.groups))
	for i := range part.groups {
		g := &part.groups[i]
		answers := lostAnswers[:len(g.outcomes)]
		if !g.lost {
			var err error
			if answers, err = said.Take(len(g.outcomes), g.whole); err != nil {
				return err
			}
		}
		if refused[i] = answers == nil; refused[i] {
			again.outcomes = append(again.outcomes, g.outcomes...)
			continue
		}
		for _, answer := range answers {
			part.results = append(part.results, resultOf(answer))
		}
		q.noteSettled(g, answers)
	}
	if len(again.outcomes) > 0 {
		parts := []settlePart{again}
		if err := q.settleParts(ctx, parts, owner); err != nil {
			return err
		}
		part.mergeResults(refused, parts[0].results)
	}
	q.freeLanesSoon()
	if said.LetGo { // claim frees the messages that wait for a key
		q.lookAgain()
	}
	if said.Paused {
		q.mu.Lock()
		q.held.Halt()
		q.mu.Unlock()
		return q.handBack(ctx, func(*held.Entry) bool { return true })
	}
	return nil
}

// mergeResults puts the results of groups that were refused at first between those of the others.
func (p *settlePart) mergeResults(refused []bool, again contract.Results) {
	others := p.results
	p.results = make(contract.Results, 0, len(p.outcomes))
	for i := range p.groups {
		from := &others
		if refused[i] {
			from = &again
		}
		n := len(p.groups[i].outcomes)
		p.results, *from = append(p.results, (*from)[:n]...), (*from)[n:]
	}
}

// noteSettled notes that outcomes are done with, applied or lost. The delivery of one that conflicted stays leased.
func (q *queue) noteSettled(g *group, answers []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range g.outcomes {
		o := &g.outcomes[i]
		if resultOf(answers[i]) == contract.ResultConflict {
			continue
		}
		if answers[i] == laneGoes {
			q.passLane(g.e, int(o.Delivery.Tag))
			continue
		}
		q.held.Settle(g.e, int(o.Delivery.Tag))
		if q.order() != "-" && (o.Kind != contract.OutcomeAck || q.held.Access() != held.Open) {
			q.held.AskLook() // it may hold back others, or let them go
		}
		if o.Kind == contract.OutcomeRetry || o.Kind == contract.OutcomeDecline {
			q.p.schedule.addDueTime(time.Now().Add(o.Delay))
		}
		for j := range o.Emit {
			if due := o.Emit[j].Due; due != 0 {
				q.p.schedule.addDueTime(time.Unix(0, due))
			}
		}
	}
}

// settleRequest returns the request for some groups. The caller returns its rows to their pool when the reply has been
// read.
func (q *queue) settleRequest(t *table.Bindings, m table.Mode, groups []*group, owner string) store.SettleRequest {
	epoch := ""
	switch i := slices.IndexFunc(groups, func(g *group) bool { return g.e.Epoch != 0 }); {
	case i >= 0: // the epoch is that of the entries: the process may be in the next one by now
		owner, epoch = q.laneOwner(), strconv.FormatUint(groups[i].e.Epoch, 10)
	case !m.Exclusive:
		owner = ""
	case owner == "": // the organ became exclusive while the outcome was on its way
		owner = q.firstConsumer()
	}
	rs := table.NewRoutes(q.p.Keys(), t)
	r := store.SettleRequest{Keys: q.p.Keys(), Organ: q.organ, Digest: t.Digest, Owner: owner, Epoch: epoch, Lease: q.sub.Lease, Order: m.OrderParameter(),
		DeadLimit: q.sub.DeadLimit, DeadBytes: q.sub.DeadBytes, Rows: store.TakeRows(&rs.Routes)}
	for i := 0; i < len(groups); i++ {
		g := groups[i]
		if g.joins {
			if t := gatherTogether(groups[i:]); len(t.entries) > 0 {
				r.AddTogether(t.entries, t.writes)
				for _, joined := range groups[i : i+len(t.entries)] {
					addAllEmissions(rs, r.Rows, joined)
				}
				i += len(t.entries) - 1
				continue
			}
			g.whole = false
		}
		switch e := g.e; {
		case g.lone:
			r.AddLone(e.ID)
			addEmissions(rs, r.Rows, &g.outcomes[0])
		case g.whole:
			r.AddWhole(e.Stream, e.ID, e.Size)
			addAllEmissions(rs, r.Rows, g)
		default:
			r.AddEntry(e.Stream, e.ID, e.Size, len(g.outcomes))
			for j := range g.outcomes {
				q.addOutcome(&r, rs, &g.outcomes[j])
			}
		}
	}
	return r
}

// addEmissions adds the messages that an outcome emits to rows. They belong to the outcome that was added last, so that
// the script stores them only when that one applies.
func addEmissions(rs *table.Routes, w *store.Rows, o *contract.Outcome) {
	for i := range o.Emit {
		addMessage(rs, w, withPayload(&o.Emit[i]))
	}
}

// addAllEmissions adds the messages that all outcomes of a group emit.
func addAllEmissions(rs *table.Routes, w *store.Rows, g *group) {
	for i := range g.outcomes {
		addEmissions(rs, w, &g.outcomes[i])
	}
}

// addMessage adds a message to rows: by the route of its event, or into the schedule when it has a due time.
func addMessage(rs *table.Routes, w *store.Rows, m *contract.Message) {
	if m.Due == 0 {
		w.End(message.Append(w.Begin(rs.RouteOf(m.Type)), m, message.Progress{}))
		return
	}
	w.End(message.Append(store.AppendDelay(w.Begin(rs.LaterRoute(m.Type)), message.TimeLeft(m.Due), m.ID), m, message.Progress{}))
}
