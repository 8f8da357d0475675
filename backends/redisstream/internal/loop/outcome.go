package loop

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
	"github.com/necrostack/necrogen/runtime/contract"
)

// An outcome becomes arguments of the settle script in three steps. countFitting cuts the outcomes of a call into parts,
// one for each script. groupOutcomes divides a part into runs of one entry. settleRequest adds the runs to the request,
// with the messages that their handlers emitted. The script checks for each outcome that the entry is still leased to
// this process, and that the message is not settled yet; else the outcome is lost, and nothing that belongs to it is
// stored.

// MaxOutcomes bounds the outcomes that one script settles, so that it does not keep the server from others for long.
const MaxOutcomes = 512

// countFitting returns how many outcomes one script takes, one at least, and their size. An outcome is never divided, nor
// is an entry unless it is the first: to settle a part takes the server three times as long.
func countFitting(outcomes []contract.Outcome) (n, size int) {
	whole, sizeOfWhole := 0, 0 // the outcomes before the entry of outcome n
	for n = range outcomes {
		if n > 0 && outcomes[n].Delivery.Ref != outcomes[n-1].Delivery.Ref {
			whole, sizeOfWhole = n, size
		}
		more := sizeOf(&outcomes[n])
		if n == MaxOutcomes || n > 0 && size+more > message.MaxBytes {
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
	if o.State != nil {
		size += len(o.Delivery.Key) + len(o.State.Value)
	}
	if o.Death != nil {
		size += min(len(o.Death.Error), message.MaxErrorBytes) + min(len(o.Death.Stack), message.MaxStackBytes)
	}
	return size
}

// lostAnswers are those of outcomes of an entry that is not sent: none was applied.
var lostAnswers = bytes.Repeat([]byte{'0'}, message.MaxPack)

// group is a run of outcomes of one entry. The script gets it in one of three forms, the cheapest that says enough: as a
// lone message, as a whole entry, or outcome by outcome.
type group struct {
	e        *held.Entry
	outcomes []contract.Outcome
	whole    bool // all of the entry, and all acknowledged
	joins    bool // it is settled together with the next ones that are whole, because of an order or of what it writes
	lost     bool // the server does not store the entry as it was leased, or its lane is lost: not sent
	lone     bool // the same of an entry with one message, which emitted at most one
}

// groupOutcomes divides outcomes into runs, which point into them. whole lets runs that cover an entry be settled as one, and joint lets
// those be settled together of which each outcome has its place in an order, or writes a state.
// A delivery that comes twice in one call begins a new run the second time, so that the second outcome finds it settled.
func (q *queue) groupOutcomes(outcomes []contract.Outcome, m table.Mode, whole, joint bool) []group {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := make([]group, 0, len(outcomes))
	seen := uint64(0)
	for i := range outcomes {
		d := outcomes[i].Delivery
		e, bit := held.EntryOf(d), uint64(1)<<d.Tag
		lost := held.IsLost(d, q.lanes.epoch)
		if len(list) > 0 && list[len(list)-1].e == e && seen&bit == 0 && list[len(list)-1].lost == lost {
			g := &list[len(list)-1]
			g.outcomes = g.outcomes[:len(g.outcomes)+1]
			seen |= bit
			continue
		}
		list, seen = append(list, group{e: e, outcomes: outcomes[i : i+1], lost: lost}), bit
	}
	for i := range list {
		g := &list[i]
		g.whole = whole && g.coversEntry()
		if g.whole && (m.Order != "-" || slices.ContainsFunc(g.outcomes, func(o contract.Outcome) bool { return o.State != nil })) {
			g.joins = joint && (m.Order == "-" || !g.mayHold())
			g.whole = g.joins
		}
		o := &g.outcomes[0]
		g.lone = g.whole && !g.joins && g.e.Size == 1 && g.e.Stream == held.MainStream && len(o.Emit) <= 1 && !o.Delivery.Suspect
	}
	return list
}

// coversEntry reports whether the run acknowledges all that there is in its entry. A unique event is acknowledged by its id.
func (g *group) coversEntry() bool {
	if g.e.HasDone() || len(g.outcomes) != g.e.Size { // no message comes twice in a run
		return false
	}
	for i := range g.outcomes {
		if g.outcomes[i].Kind != contract.OutcomeAck || g.outcomes[i].Delivery.Unique != 0 {
			return false
		}
	}
	return true
}

// mayHold reports whether a delivery of the run may hold back others of an order: one that has failed before has to be named when it
// is done.
func (g *group) mayHold() bool {
	return slices.ContainsFunc(g.outcomes, func(o contract.Outcome) bool { return mayHold(o.Delivery) })
}

// mayHold reports whether a delivery may hold back others, because it has failed or was declined before.
func mayHold(d *contract.Delivery) bool { return d.Attempts > 0 || d.Declines > 0 }

// together are whole entries that are settled as one, because each counts in an order, or because they write states.
type together struct {
	entries []store.WholeEntry // of as many groups
	writes  []store.SettleWrite
	places  map[string]int // in writes, by key
}

// gatherTogether returns the groups from the first one on that are settled together: whole entries, each once, of which each write of
// a key has read what the write before it left.
func gatherTogether(groups []*group) together {
	t := together{places: map[string]int{}}
	seen := map[*held.Entry]bool{}
	for i, g := range groups {
		if !g.joins || seen[g.e] {
			break
		}
		seen[g.e] = true
		if !t.addWrites(g) {
			return gatherTogether(groups[:i])
		}
		t.entries = append(t.entries, store.WholeEntry{Stream: g.e.Stream, ID: g.e.ID, Size: g.e.Size})
	}
	return t
}

// addWrites adds the writes of a group, and reports whether each has read what is there. Where one has not, the rest is left out.
func (t *together) addWrites(g *group) bool {
	for i := range g.outcomes {
		w := writeOf(&g.outcomes[i])
		if w == nil {
			continue
		}
		place, known := t.places[w.Key]
		switch {
		case !known:
			t.places[w.Key] = len(t.writes)
			t.writes = append(t.writes, *w)
		case t.writes[place].Mark != w.Read:
			return false
		default:
			t.writes[place].Record, t.writes[place].TTL = w.Record, w.TTL
		}
	}
	return true
}

// giveUpUnencodable puts dead letters in the place of outcomes whose emissions have no bytes. It changes the caller's
// outcomes, before the first of them is sent: a step that stores a part of the emissions would be none.
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

// giveUpOne returns the outcome that gives up a delivery whose emission has no bytes. The spine encodes its events, so
// such an outcome is another caller's.
func giveUpOne(o *contract.Outcome, err error) contract.Outcome {
	return contract.Outcome{Delivery: o.Delivery, Kind: contract.OutcomeDead, Death: &contract.Death{Reason: contract.ReasonEmission, Error: err.Error()}}
}

// withPayload returns a message that has its payload: the same one, or a copy. The spine's messages have theirs.
func withPayload(m *contract.Message) *contract.Message {
	if m.Payload != nil {
		return m
	}
	encoded := *m
	encoded.Payload, _ = m.Encoded() // has succeeded before
	return &encoded
}

// addOutcome adds one outcome of an entry that is settled by parts. A retry and a decline go into the schedule with the
// count that they have then; the others end the delivery.
func (q *queue) addOutcome(r *store.SettleRequest, rs *table.Routes, o *contract.Outcome) {
	d := o.Delivery
	if o.Kind == contract.OutcomeAck && r.Order == "" { // no effect of it names the delivery
		q.addAck(r, rs, store.SettleOutcome{Index: int(d.Tag), Unique: uniqueDone(o)}, o)
		return
	}
	id := contract.DeliveryID(d.ID, q.organ)
	p := message.Progress{Attempts: d.Attempts, Declines: d.Declines, Declined: d.Declined}
	named := store.SettleOutcome{Index: int(d.Tag), Delivery: id[:], Key: d.Key, Unique: uniqueDone(o)}
	if !mayHold(d) && (o.Kind == contract.OutcomeAck || o.Kind == contract.OutcomeDead) {
		named.Delivery = nil
	}
	switch o.Kind {
	case contract.OutcomeAck:
		q.addAck(r, rs, named, o)
		return
	case contract.OutcomeDead:
		q.addDead(r, rs, named, q.deathOf(o, id), o)
		return
	case contract.OutcomeRetry:
		p.Attempts++
	case contract.OutcomeDecline:
		p.Declines++
		if p.Declined == 0 {
			p.Declined = time.Now().UnixNano()
		}
	}
	if e := held.EntryOf(d); e.Epoch != 0 && o.Kind == contract.OutcomeDecline && q.hasLanes() {
		r.AddDecline(named, int(e.Lanes[d.Tag]), o.Delay, q.scheduleMember(d, id, p))
		return
	}
	r.AddLater(named, o.Delay, q.scheduleMember(d, id, p))
}

// uniqueDone returns the id of a unique event that is done with its outcome, and nil of others.
func uniqueDone(o *contract.Outcome) []byte {
	if o.Delivery.Unique == 0 || o.Kind == contract.OutcomeRetry || o.Kind == contract.OutcomeDecline {
		return nil
	}
	return o.Delivery.ID[:]
}

// writeOf returns the write of an outcome to the record of its delivery's key; nil where it leaves the record alone.
func writeOf(o *contract.Outcome) *store.SettleWrite {
	w := o.State
	if w == nil {
		return nil
	}
	return &store.SettleWrite{Key: o.Delivery.Key, Read: w.Read, TTL: w.TTL,
		Record: store.Record{Mark: w.Write, Version: uint32(w.Version), Value: w.Value}}
}

// addDead adds a dead letter with the messages that the give-up handler emitted, and with its write to the state. One that
// has neither takes the shorter form.
func (q *queue) addDead(r *store.SettleRequest, rs *table.Routes, named store.SettleOutcome, death store.SettleDeath, o *contract.Outcome) {
	if o.State == nil && len(o.Emit) == 0 && !death.GaveUp {
		r.AddDeath(named, death)
		return
	}
	r.AddGiveUp(named, death, writeOf(o))
	addEmissions(rs, r.Rows, o)
}

// addAck adds an acknowledgement with the messages that the handler emitted, and with its write to the state.
func (q *queue) addAck(r *store.SettleRequest, rs *table.Routes, named store.SettleOutcome, o *contract.Outcome) {
	if w := writeOf(o); w != nil {
		r.AddState(named, *w)
	} else {
		r.AddAck(named)
	}
	addEmissions(rs, r.Rows, o)
}

// deathOf returns the dead letter of a delivery, with texts that are clipped to their bounds.
func (q *queue) deathOf(o *contract.Outcome, id contract.ID) store.SettleDeath {
	d, halt := o.Delivery, ""
	if o.Death.Halt {
		halt = message.ClipMiddle(fmt.Sprintf("halted by %s %s: %s", d.Type.Name, d.ID, o.Death.Error), message.MaxErrorBytes)
	}
	return store.SettleDeath{ID: id[:], Attempts: d.Attempts, Reason: message.ClipMiddle(string(o.Death.Reason), message.MaxReason),
		Text: message.ClipMiddle(o.Death.Error, message.MaxErrorBytes), Stack: message.ClipMiddle(o.Death.Stack, message.MaxStackBytes), Halt: halt, Letter: letterBytes(d), GaveUp: o.Death.GaveUp}
}

// letterBytes returns the kept form of a dead delivery: the message as it was published, or the bytes that could not be
// read as one. Its progress is left out, because a redriven letter begins with its first attempt.
func letterBytes(d *contract.Delivery) []byte {
	m := d.Message
	m.Payload, _ = d.Encoded()
	if m.Type == message.Unreadable {
		return m.Payload
	}
	return message.Append(nil, &m, message.Progress{})
}

// scheduleMember returns a delivery as it waits in the schedule: organ, a zero byte, delivery id and message. The id makes
// members of equal messages different.
func (q *queue) scheduleMember(d *contract.Delivery, id contract.ID, p message.Progress) []byte {
	b := append([]byte(q.organ), 0)
	b = append(b, id[:]...)
	m := d.Message
	m.Payload, _ = d.Encoded()
	return message.Append(b, &m, p)
}
