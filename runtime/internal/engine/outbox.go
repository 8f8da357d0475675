package engine

import (
	"fmt"

	"github.com/necrostack/necrogen/runtime/contract"
)

// outbox turns what handlers emitted into messages. It belongs to the notes of one batch: its messages are those of all
// deliveries of the batch, one after the other, and each outcome refers to its own part of them. When the list grows, the
// outcomes before keep the former array, which is not written to again.
type outbox struct {
	msgs     []contract.Message // of one batch
	payloads Payloads
}

// resetMessages makes the box empty for another batch. The messages are cleared, because each keeps an event alive.
func (b *outbox) resetMessages() {
	clear(b.msgs)
	b.msgs = b.msgs[:0]
	b.payloads.resetBytes()
}

// headerBytes is what headers add to each message that is stored with them. They count against the limit of bytes
// with each message, because a backend stores them with each.
func headerBytes(headers map[string]string) (n int64) {
	for key, value := range headers {
		n += int64(len(key) + len(value))
	}
	return n
}

// callOutput is what the messages of one call of a handler have alike, and what they add up to.
type callOutput struct {
	organ   *Organ
	route   *Route
	from    *contract.Delivery
	bound   *boundOrgan
	headers map[string]string
	own     int64 // bytes of headers
	now     int64

	msgs  []contract.Message
	bytes Payloads
	size  int64 // of what is stored of them
}

// addMessages appends the messages of one handler call, all or none. The fields of the box change at the end, once
// all of the messages are whole, so that a call that fails leaves no message of its own behind. The clock is read
// once for all of them, because the events of one call are of one moment. step is of a handler with state. Its undos have the limits
// that they were kept within, so that a full record can turn back, whatever the handler emits beside them.
func (b *outbox) addMessages(o *Organ, r *Route, d *contract.Delivery, bound *boundOrgan, out *contract.Emissions, step *recordStep) *failure {
	if count := len(out.Events) + len(out.Timers); count > o.engine.EmitLimit {
		return permanentFailure(contract.ReasonEmission, fmt.Errorf("%d events emitted, the limit is %d: emit fewer, or raise the limit by WithEmissionLimit", count, o.engine.EmitLimit))
	}
	c := callOutput{organ: o, route: r, from: d, bound: bound, headers: d.Headers, now: o.engine.Clock.Now(), msgs: b.msgs, bytes: b.payloads}
	if out.Headers != nil {
		c.headers = out.Headers
	}
	c.own = headerBytes(c.headers)
	for i, e := range out.Events {
		if err := c.addEvent(e, i, out.EnvelopeOf(i)); err != nil {
			return permanentFailure(contract.ReasonEmission, fmt.Errorf("emission %d: %w", i, err))
		}
	}
	for i := range out.Timers {
		if err := c.addTimer(&out.Timers[i], step.timers[i]); err != nil {
			return permanentFailure(contract.ReasonEmission, err)
		}
	}
	for i, e := range step.undone {
		if err := c.addUndo(e, i); err != nil {
			return permanentFailure(contract.ReasonEmission, err)
		}
	}
	b.msgs, b.payloads = c.msgs, c.bytes
	return nil
}

// addMessage appends an empty message.
func (c *callOutput) addMessage() *contract.Message {
	c.msgs = append(c.msgs, contract.Message{Nanos: c.now, Headers: c.headers})
	return &c.msgs[len(c.msgs)-1]
}

// addEvent adds an event that the handler emits, with what the handler says of it.
func (c *callOutput) addEvent(e contract.Event, ordinal int, envelope *contract.Envelope) error {
	m, own := c.addMessage(), c.own
	t := e.NecroEvent()
	seed := c.bound.emissionSeed(c.route, t)
	if seed == nil {
		return fmt.Errorf("%s is not among the events that %s may emit: generate its code again", t.Name, c.route.Method)
	}
	if err := c.route.fillEnvelope(m, c.from, e, t, contract.DeriveID(c.from.ID, *seed, uint64(ordinal))); err != nil {
		return err
	}
	if envelope != nil {
		if err := c.organ.engine.applyEnvelope(m, envelope); err != nil {
			return err
		}
		own = headerBytes(m.Headers)
	}
	if err := c.organ.engine.CheckKey(m); err != nil {
		return err
	}
	return c.storeMessage(m, own)
}

// addTimer adds the delayed event of a timer that the handler starts.
func (c *callOutput) addTimer(change *contract.TimerChange, id contract.ID) error {
	if change.Event == nil {
		return nil
	}
	m := c.addMessage()
	if err := c.organ.fillTimer(m, c.route, c.from, change, id); err != nil {
		return err
	}
	return c.storeMessage(m, c.own)
}

// storeMessage encodes a message where the backend stores bytes. own is how many bytes of headers are stored with it.
func (c *callOutput) storeMessage(m *contract.Message, own int64) error {
	g := c.organ.engine
	if err := g.EncodePayload(m, &c.bytes); err != nil {
		return err
	}
	if c.size += own + int64(len(m.Payload)+len(m.Key)); g.Encodes && c.size > g.EmitBytes {
		return fmt.Errorf("more than %d bytes emitted, %d of headers with each event: emit fewer events, or smaller ones", g.EmitBytes, own)
	}
	return nil
}

// fillEnvelope puts an emitted event of a type into its envelope. The id is derived from the delivery's, the seed and the
// ordinal: a handler that runs again emits the same ids, by which a backend and later readers know the repetition. Hops
// count on from the delivery's, because maxhops bounds the whole chain.
func (r *Route) fillEnvelope(m *contract.Message, d *contract.Delivery, e contract.Event, t *contract.EventType, id contract.ID) error {
	if !t.Is(e) {
		return fmt.Errorf("%T is nil or only embeds the event %s", e, t.Name)
	}
	if err := e.Validate(); err != nil {
		return err
	}
	m.ID = id
	m.Correlation, m.Causation = d.Correlation, d.ID
	m.Type, m.Event = t, e
	m.Hops, m.Reserve = d.Hops+1, d.Reserve
	if r.gaveUp {
		m.Reserve = reserveHops
	}
	if t.Key != nil {
		m.Key = t.Key(e)
	}
	return nil
}
