package redisstream

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	necro "github.com/necrostack/necrogen/runtime"
)

// maxOutcomes bounds what one script settles.
const maxOutcomes = 512

// settle applies outcomes. It divides them into scripts by their number and size.
func (q *queue) settle(ctx context.Context, outcomes []necro.Outcome, owner string) ([]bool, error) {
	giveUpUnencodable(outcomes)
	applied := make([]bool, 0, len(outcomes))
	for len(outcomes) > 0 {
		parts, n := q.divide(outcomes)
		if err := q.settleParts(ctx, parts, owner); err != nil {
			return nil, q.p.explain(err)
		}
		for i := range parts {
			applied = append(applied, parts[i].applied...)
		}
		outcomes = outcomes[n:]
	}
	return applied, nil
}

// fitting returns how many outcomes one script takes, and their size. One is never divided, nor is
// an entry unless it is the first: to settle a part takes the server three times as long.
func fitting(outcomes []necro.Outcome) (n, size int) {
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
func sizeOf(o *necro.Outcome) (size int) {
	for i := range o.Emit {
		size += len(o.Emit[i].Payload)
	}
	if o.Kind != necro.OutcomeAck { // it is stored again
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
	outcomes []necro.Outcome
	whole    bool // all of the entry, and all acknowledged
	lost     bool // the server does not store the entry as it was leased: not sent
	lone     bool // the same of an entry with one message, which emitted at most one
}

// groups divides outcomes into runs. whole lets runs that cover an entry be settled as one. A delivery that
// comes twice in one call begins a new run the second time.
func (q *queue) groups(outcomes []necro.Outcome, m mode, whole bool) []group {
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
		g.whole = whole && m.order == "-" && g.covers()
		o := &g.outcomes[0]
		g.lone = g.whole && g.e.size == 1 && g.e.stream == mainStream && len(o.Emit) <= 1 && !o.Delivery.Suspect
	}
	return list
}

// covers reports whether the run acknowledges all that there is in its entry.
func (g *group) covers() bool {
	if g.e.settled != 0 || len(g.outcomes) != g.e.size {
		return false
	}
	seen := uint64(0)
	for i := range g.outcomes {
		if g.outcomes[i].Kind != necro.OutcomeAck {
			return false
		}
		seen |= 1 << g.outcomes[i].Delivery.Tag
	}
	return seen == g.e.all()
}

// readAnswer takes in what a script says of the outcomes of a part.
func (q *queue) readAnswer(ctx context.Context, part *settlePart, r *resp.Reply, owner string) error {
	answer := r.Bulk()
	if r.Err != nil {
		return r.Err
	}
	if q.order() == "key" { // before settled has the state looked up: that sets them aside
		q.hold(part.outcomes)
	}
	part.answered = true
	for _, g := range part.groups {
		if g.lost {
			part.applied = append(part.applied, make([]bool, len(g.outcomes))...)
			q.settled(&g)
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
		q.settled(&g)
	}
	if bytes.HasSuffix(answer, []byte("~")) { // claim frees the messages that wait for a key
		q.again()
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
func giveUpUnencodable(outcomes []necro.Outcome) {
	for i := range outcomes {
		for j := range outcomes[i].Emit {
			m := &outcomes[i].Emit[j]
			if m.Payload != nil {
				continue
			}
			if _, err := m.Encoded(); err != nil {
				outcomes[i] = unencodable(&outcomes[i], err)
				break
			}
		}
	}
}

// unencodable gives up a delivery whose emission has no bytes. The spine encodes its events, so this is another
// caller's.
func unencodable(o *necro.Outcome, err error) necro.Outcome {
	return necro.Outcome{Delivery: o.Delivery, Kind: necro.OutcomeDead, Death: &necro.Death{Reason: necro.ReasonEmission, Error: err.Error()}}
}

// settled notes that outcomes are done with, applied or not.
func (q *queue) settled(g *group) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range g.outcomes {
		o := &g.outcomes[i]
		bit := uint64(1) << o.Delivery.Tag
		g.e.settled |= bit
		g.e.handed &^= bit
		if q.order() != "-" && (o.Kind != necro.OutcomeAck || q.state != stateOpen) {
			q.look = true // it may hold back others, or let them go
		}
		if o.Kind == necro.OutcomeRetry || o.Kind == necro.OutcomeDecline {
			q.p.schedule.add(time.Now().Add(o.Delay))
		}
	}
	if g.e.finished() && q.held[g.e.field()] == g.e {
		delete(q.held, g.e.field())
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
			n = q.lone(w, rs, rest[:n])
		} else {
			q.entries(w, rs, m, rest[:n])
		}
		rest = rest[n:]
	}
	p := q.p
	keys := []string{p.key("bind"), p.key("n"), p.key("due"), p.key("pause"), q.needs(m.exclusive, "own"), q.key("q"), q.key("part"),
		q.key("dead"), q.key("deadid"), q.needs(m.fronts() || hasFront(groups), "first"), q.needs(m.order != "-", "hold"), q.needs(m.order != "-", "wait")}
	plain := "0"
	if m.order == "-" && acknowledged(groups) {
		plain = "1"
	}
	keys, head := rs.ExtendCall(keys, []any{t.digest, q.organ, owner, q.sub.Lease.Milliseconds(), m.parameter(), q.sub.DeadLimit, q.sub.DeadBytes, plain})
	return store.Call{Script: settleScript, Keys: keys, Args: append(append(head, sections), w.Args...)}, w
}

// hasFront reports whether an entry is one of the front stream: a former order may have left it there.
func hasFront(groups []group) bool {
	return slices.ContainsFunc(groups, func(g group) bool { return g.e.stream == frontStream })
}

// acknowledged reports whether all outcomes are.
func acknowledged(groups []group) bool {
	for i := range groups {
		for j := range groups[i].outcomes {
			if groups[i].outcomes[j].Kind != necro.OutcomeAck {
				return false
			}
		}
	}
	return true
}

// lone appends a section of entries that need no more than their id and their emission: two arguments instead of
// eight save a third of the server's time. All go the same way; it returns how many do.
func (q *queue) lone(w *store.Rows, rs *routes, groups []group) int {
	at, route, n := len(w.Args), 0, 0
	w.Args = append(w.Args, "lone", nil, nil, nil)
	for i := range groups {
		emit := groups[i].outcomes[0].Emit
		to := 0
		if len(emit) > 0 {
			to = rs.of(emit[0].Type) + 1
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

// entries appends a section of entries with their outcomes.
func (q *queue) entries(w *store.Rows, rs *routes, m mode, groups []group) {
	w.Args = append(w.Args, "entries", len(groups))
	for i := range groups {
		g := &groups[i]
		w.Args = append(w.Args, g.e.stream, g.e.id, g.e.size)
		if g.whole {
			w.Args = append(w.Args, 0)
			q.emissions(w, rs, g.outcomes)
			continue
		}
		w.Args = append(w.Args, len(g.outcomes))
		for j := range g.outcomes {
			q.outcome(w, rs, m, &g.outcomes[j])
		}
	}
}

// emissions appends what outcomes emit: the number of rows, and the rows.
func (q *queue) emissions(w *store.Rows, rs *routes, outcomes []necro.Outcome) {
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
func (rs *routes) addMessage(w *store.Rows, m *necro.Message) {
	w.End(appendMessage(w.Begin(rs.of(m.Type)), m, progress{}))
}

// withPayload returns a message that has its payload. The spine's messages have theirs.
func withPayload(m *necro.Message) *necro.Message {
	if m.Payload != nil {
		return m
	}
	encoded := *m
	encoded.Payload, _ = m.Encoded() // has succeeded before
	return &encoded
}

// outcome appends one outcome.
func (q *queue) outcome(w *store.Rows, rs *routes, m mode, o *necro.Outcome) {
	d := o.Delivery
	id := necro.DeliveryID(d.ID, q.organ)
	p := progress{d.Attempts, d.Declines, d.Declined}
	kind := "later"
	switch o.Kind {
	case necro.OutcomeAck:
		kind = "ack"
	case necro.OutcomeDead:
		kind = "dead"
	case necro.OutcomeRetry:
		p.attempts++
	case necro.OutcomeDecline:
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
		q.emissions(w, rs, []necro.Outcome{*o})
	case "later":
		w.Args = append(w.Args, millis(o.Delay), q.member(d, id, p))
	case "dead":
		halt := ""
		if o.Death.Halt {
			halt = clip(fmt.Sprintf("halted by %s %s: %s", d.Type.Name, d.ID, o.Death.Error), maxErrorBytes)
		}
		text, stack := clip(o.Death.Error, maxErrorBytes), clip(o.Death.Stack, maxStackBytes)
		w.Args = append(w.Args, id[:], d.Attempts, clip(string(o.Death.Reason), maxReason), text, stack, halt, letter(d))
	}
}

// letter is the kept form of a dead delivery: the message as it was published, or the bytes that could not be
// read as one.
func letter(d *necro.Delivery) []byte {
	m := d.Message
	m.Payload, _ = d.Encoded()
	if m.Type == unreadable {
		return m.Payload
	}
	return appendMessage(nil, &m, progress{})
}

// millis rounds up, because a scheduled delivery must not come early.
func millis(d time.Duration) int64 { return int64((d + time.Millisecond - 1) / time.Millisecond) }

// member is a delivery as it waits in the schedule: organ, delivery id and message.
func (q *queue) member(d *necro.Delivery, id necro.ID, p progress) []byte {
	b := append([]byte(q.organ), 0)
	b = append(b, id[:]...)
	m := d.Message
	m.Payload, _ = d.Encoded()
	return appendMessage(b, &m, p)
}
