package redisstream

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/runtime/contract"
)

// maxOutcomes bounds what one script settles.
const maxOutcomes = 512

// settleAll applies outcomes. It divides them into scripts by their number and size.
func (q *queue) settleAll(ctx context.Context, outcomes []contract.Outcome, owner string) ([]bool, error) {
	giveUpUnencodable(outcomes)
	applied := make([]bool, 0, len(outcomes))
	for len(outcomes) > 0 {
		parts, n := q.divideParts(outcomes)
		if err := q.settleParts(ctx, parts, owner); err != nil {
			return nil, q.p.explainError(err)
		}
		for i := range parts {
			applied = append(applied, parts[i].applied...)
		}
		outcomes = outcomes[n:]
	}
	return applied, nil
}

// countFitting returns how many outcomes one script takes, and their size. One is never divided, nor is
// an entry unless it is the first: to settle a part takes the server three times as long.
func countFitting(outcomes []contract.Outcome) (n, size int) {
	whole, sizeOfWhole := 0, 0 // the outcomes before the entry of outcome n
	for n = range outcomes {
		if n > 0 && outcomes[n].Delivery.Ref != outcomes[n-1].Delivery.Ref {
			whole, sizeOfWhole = n, size
		}
		more := sizeOf(&outcomes[n])
		if n == maxOutcomes || n > 0 && size+more > maxBytes {
			if whole > 0 {
				return whole, sizeOfWhole
			}
			return n, size
		}
		size += more
	}
	return len(outcomes), size
}

// sizeOf returns how many bytes of an outcome go to the server, about.
func sizeOf(o *contract.Outcome) (size int) {
	for i := range o.Emit {
		size += len(o.Emit[i].Payload)
	}
	if o.Kind != contract.OutcomeAck { // it is stored again
		size += len(o.Delivery.Payload)
	}
	if o.Death != nil {
		size += min(len(o.Death.Error), maxErrorBytes) + min(len(o.Death.Stack), maxStackBytes)
	}
	return size
}

// group is a run of outcomes of one entry.
type group struct {
	e        *entry
	outcomes []contract.Outcome
	whole    bool // all of the entry, and all acknowledged
	lost     bool // the server does not store the entry as it was leased: not sent
	lone     bool // the same of an entry with one message, which emitted at most one
}

// groupOutcomes divides outcomes into runs. whole lets runs that cover an entry be settled as one. A delivery that
// comes twice in one call begins a new run the second time.
func (q *queue) groupOutcomes(outcomes []contract.Outcome, m mode, whole bool) []group {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := make([]group, 0, len(outcomes))
	seen := uint64(0)
	for i := range outcomes {
		d := outcomes[i].Delivery
		e, bit := d.Ref.(*entry), uint64(1)<<d.Tag
		if len(list) > 0 && list[len(list)-1].e == e && seen&bit == 0 {
			g := &list[len(list)-1]
			g.outcomes = g.outcomes[:len(g.outcomes)+1]
			seen |= bit
			continue
		}
		list, seen = append(list, group{e: e, outcomes: outcomes[i : i+1]}), bit
	}
	for i := range list {
		g := &list[i]
		g.whole = whole && m.order == "-" && g.coversEntry()
		o := &g.outcomes[0]
		g.lone = g.whole && g.e.size == 1 && g.e.stream == mainStream && len(o.Emit) <= 1 && !o.Delivery.Suspect
	}
	return list
}

// coversEntry reports whether the run acknowledges all that there is in its entry.
func (g *group) coversEntry() bool {
	if g.e.settled != 0 || len(g.outcomes) != g.e.size {
		return false
	}
	seen := uint64(0)
	for i := range g.outcomes {
		if g.outcomes[i].Kind != contract.OutcomeAck {
			return false
		}
		seen |= 1 << g.outcomes[i].Delivery.Tag
	}
	return seen == g.e.allBits()
}

// readAnswer takes in what a script says of the outcomes of a part.
func (q *queue) readAnswer(ctx context.Context, part *settlePart, r *resp.Reply, owner string) error {
	answer := r.Bulk()
	if r.Err != nil {
		return r.Err
	}
	if q.order() == "key" { // before settled has the state looked up: that sets them aside
		q.holdKeys(part.outcomes)
	}
	part.answered = true
	for _, g := range part.groups {
		if g.lost {
			part.applied = append(part.applied, make([]bool, len(g.outcomes))...)
			q.noteSettled(&g)
			continue
		}
		if len(answer) > 0 && answer[0] == '?' {
			// A part of the entry was done before it came to us: one by one.
			single := []settlePart{{outcomes: g.outcomes}}
			if err := q.settleParts(ctx, single, owner); err != nil {
				return err
			}
			part.applied, answer = append(part.applied, single[0].applied...), answer[1:]
			continue
		}
		if len(answer) < len(g.outcomes) {
			return resp.ErrShape
		}
		for i := range g.outcomes {
			part.applied = append(part.applied, answer[i] == '1')
		}
		answer = answer[len(g.outcomes):]
		q.noteSettled(&g)
	}
	if bytes.HasSuffix(answer, []byte("~")) { // claim frees the messages that wait for a key
		q.lookAgain()
	}
	if len(answer) > 0 && answer[0] == '!' {
		q.mu.Lock()
		q.state, q.halts = statePaused, q.halts+1
		q.mu.Unlock()
		return q.handBack(ctx, func(*entry) bool { return true })
	}
	return nil
}

// giveUpUnencodable puts dead letters in the place of outcomes whose emissions have no bytes.
func giveUpUnencodable(outcomes []contract.Outcome) {
	for i := range outcomes {
		for j := range outcomes[i].Emit {
			m := &outcomes[i].Emit[j]
			if m.Payload != nil {
				continue
			}
			if _, err := m.Encoded(); err != nil {
				outcomes[i] = giveUpOne(&outcomes[i], err)
				break
			}
		}
	}
}

// giveUpOne gives up a delivery whose emission has no bytes. The spine encodes its events, so this is another
// caller's.
func giveUpOne(o *contract.Outcome, err error) contract.Outcome {
	return contract.Outcome{Delivery: o.Delivery, Kind: contract.OutcomeDead, Death: &contract.Death{Reason: contract.ReasonEmission, Error: err.Error()}}
}

// noteSettled notes that outcomes are done with, applied or not.
func (q *queue) noteSettled(g *group) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range g.outcomes {
		o := &g.outcomes[i]
		bit := uint64(1) << o.Delivery.Tag
		g.e.settled |= bit
		g.e.handed &^= bit
		if q.order() != "-" && (o.Kind != contract.OutcomeAck || q.state != stateOpen) {
			q.look = true // it may hold back others, or let them go
		}
		if o.Kind == contract.OutcomeRetry || o.Kind == contract.OutcomeDecline {
			q.p.schedule.addDueTime(time.Now().Add(o.Delay))
		}
	}
	if g.e.isFinished() && q.held[g.e.markField()] == g.e {
		delete(q.held, g.e.markField())
	}
}

// settleCall is the call of the script for some groups. The rows hold its arguments until it is sent.
func (q *queue) settleCall(t *bindings, m mode, groups []group, owner string) (call store.Call, w *store.Rows) {
	switch {
	case !m.exclusive:
		owner = ""
	case owner == "": // the organ became exclusive while the outcome was on its way
		owner = q.firstConsumer()
	}
	rs := newRoutes(q.p, t)
	w = store.TakeRows(&rs.Routes)
	sections := 0
	for rest := groups; len(rest) > 0; sections++ {
		n := 1
		for n < len(rest) && rest[n].lone == rest[0].lone {
			n++
		}
		if rest[0].lone {
			n = q.addLone(w, rs, rest[:n])
		} else {
			q.addEntrySection(w, rs, m, rest[:n])
		}
		rest = rest[n:]
	}
	p := q.p
	keys := []string{p.key("bind"), p.key("n"), p.key("due"), p.key("pause"), q.neededKey(m.exclusive, "own"), q.key("q"), q.key("part"),
		q.key("dead"), q.key("deadid"), q.neededKey(m.usesFront() || hasFront(groups), "first"), q.neededKey(m.order != "-", "hold"), q.neededKey(m.order != "-", "wait")}
	plain := "0"
	if m.order == "-" && allAcknowledged(groups) {
		plain = "1"
	}
	keys, head := rs.ExtendCall(keys, []any{t.digest, q.organ, owner, q.sub.Lease.Milliseconds(), m.orderParameter(), q.sub.DeadLimit, q.sub.DeadBytes, plain})
	return store.Call{Script: settleScript, Keys: keys, Args: append(append(head, sections), w.Args...)}, w
}

// hasFront reports whether an entry is one of the front stream: a former order may have left it there.
func hasFront(groups []group) bool {
	return slices.ContainsFunc(groups, func(g group) bool { return g.e.stream == frontStream })
}

// allAcknowledged reports whether all outcomes are.
func allAcknowledged(groups []group) bool {
	for i := range groups {
		for j := range groups[i].outcomes {
			if groups[i].outcomes[j].Kind != contract.OutcomeAck {
				return false
			}
		}
	}
	return true
}

// addLone appends a section of entries that need no more than their id and their emission: two arguments instead of
// eight save a third of the server's time. All go the same way; it returns how many do.
func (q *queue) addLone(w *store.Rows, rs *routes, groups []group) int {
	at, route, n := len(w.Args), 0, 0
	w.Args = append(w.Args, "lone", nil, nil, nil)
	for i := range groups {
		emit := groups[i].outcomes[0].Emit
		to := 0
		if len(emit) > 0 {
			to = rs.routeOf(emit[0].Type) + 1
		}
		if i > 0 && to != route {
			break
		}
		route = to
		w.Args = append(w.Args, groups[i].e.id)
		count := 0
		if to > 0 {
			var b []byte
			rs.addMessage(w, withPayload(&emit[0]))
			count, b = w.Take()
			w.Args = append(w.Args, b)
		}
		w.Args[at+2] = count // the same for all
		n++
	}
	w.Args[at+1], w.Args[at+3] = route, n
	return n
}

// addEntrySection appends a section of entries with their outcomes.
func (q *queue) addEntrySection(w *store.Rows, rs *routes, m mode, groups []group) {
	w.Args = append(w.Args, "entries", len(groups))
	for i := range groups {
		g := &groups[i]
		w.Args = append(w.Args, g.e.stream, g.e.id, g.e.size)
		if g.whole {
			w.Args = append(w.Args, 0)
			q.addEmissions(w, rs, g.outcomes)
			continue
		}
		w.Args = append(w.Args, len(g.outcomes))
		for j := range g.outcomes {
			q.addOutcome(w, rs, m, &g.outcomes[j])
		}
	}
}

// addEmissions appends what outcomes emit: the number of rows, and the rows.
func (q *queue) addEmissions(w *store.Rows, rs *routes, outcomes []contract.Outcome) {
	at := len(w.Args)
	w.Args, w.Number = append(w.Args, nil), 0
	for i := range outcomes {
		for j := range outcomes[i].Emit {
			rs.addMessage(w, withPayload(&outcomes[i].Emit[j]))
		}
	}
	w.Close()
	w.Args[at] = w.Number
}

// addMessage adds a message to rows.
func (rs *routes) addMessage(w *store.Rows, m *contract.Message) {
	w.End(appendMessage(w.Begin(rs.routeOf(m.Type)), m, progress{}))
}

// withPayload returns a message that has its payload. The spine's messages have theirs.
func withPayload(m *contract.Message) *contract.Message {
	if m.Payload != nil {
		return m
	}
	encoded := *m
	encoded.Payload, _ = m.Encoded() // has succeeded before
	return &encoded
}

// addOutcome appends one outcome.
func (q *queue) addOutcome(w *store.Rows, rs *routes, m mode, o *contract.Outcome) {
	d := o.Delivery
	id := contract.DeliveryID(d.ID, q.organ)
	p := progress{d.Attempts, d.Declines, d.Declined}
	kind := "later"
	switch o.Kind {
	case contract.OutcomeAck:
		kind = "ack"
	case contract.OutcomeDead:
		kind = "dead"
	case contract.OutcomeRetry:
		p.attempts++
	case contract.OutcomeDecline:
		p.declines++
		if p.declined == 0 {
			p.declined = time.Now().UnixNano()
		}
	}
	w.Args = append(w.Args, d.Tag, kind)
	if m.order != "-" {
		w.Args = append(w.Args, id[:], d.Key)
	}
	switch kind {
	case "ack":
		q.addEmissions(w, rs, []contract.Outcome{*o})
	case "later":
		w.Args = append(w.Args, millisUp(o.Delay), q.scheduleMember(d, id, p))
	case "dead":
		halt := ""
		if o.Death.Halt {
			halt = clipMiddle(fmt.Sprintf("halted by %s %s: %s", d.Type.Name, d.ID, o.Death.Error), maxErrorBytes)
		}
		text, stack := clipMiddle(o.Death.Error, maxErrorBytes), clipMiddle(o.Death.Stack, maxStackBytes)
		w.Args = append(w.Args, id[:], d.Attempts, clipMiddle(string(o.Death.Reason), maxReason), text, stack, halt, letterBytes(d))
	}
}

// letterBytes is the kept form of a dead delivery: the message as it was published, or the bytes that could not be
// read as one.
func letterBytes(d *contract.Delivery) []byte {
	m := d.Message
	m.Payload, _ = d.Encoded()
	if m.Type == unreadable {
		return m.Payload
	}
	return appendMessage(nil, &m, progress{})
}

// millisUp rounds up, because a scheduled delivery must not come early.
func millisUp(d time.Duration) int64 { return int64((d + time.Millisecond - 1) / time.Millisecond) }

// scheduleMember is a delivery as it waits in the schedule: organ, delivery id and message.
func (q *queue) scheduleMember(d *contract.Delivery, id contract.ID, p progress) []byte {
	b := append([]byte(q.organ), 0)
	b = append(b, id[:]...)
	m := d.Message
	m.Payload, _ = d.Encoded()
	return appendMessage(b, &m, p)
}
