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

// headerBytes is what headers add to each message that is stored with them.
func headerBytes(headers map[string]string) (n int64) {
	for key, value := range headers {
		n += int64(len(key) + len(value))
	}
	return n
}

// addMessages appends the messages of one handler call, all or none.
func (b *outbox) addMessages(o *Organ, r *Route, d *contract.Delivery, out *contract.Emissions) *failure {
	g := o.engine
	if len(out.Events) > g.EmitLimit {
		return permanentFailure(contract.ReasonEmission, fmt.Errorf("%d events emitted, the limit is %d: emit fewer, or raise the limit by WithEmissionLimit", len(out.Events), g.EmitLimit))
	}
	msgs, bytes, now := b.msgs, b.payloads, g.Clock.Now()
	headers := d.Headers
	if out.Headers != nil {
		headers = out.Headers
	}
	bound := o.binding.Load()
	size, inherited := int64(0), headerBytes(headers)
	for i, e := range out.Events {
		msgs = append(msgs, contract.Message{})
		m := &msgs[len(msgs)-1]
		err := r.fillEmission(m, d, e, i, bound)
		m.Nanos, m.Headers = now, headers
		own := inherited
		if envelope := out.EnvelopeOf(i); envelope != nil && err == nil {
			err = g.applyEnvelope(m, envelope)
			own = headerBytes(m.Headers)
		}
		if err == nil {
			err = g.CheckKey(m)
		}
		if err == nil {
			err = g.EncodePayload(m, &bytes)
		}
		if size += own + int64(len(m.Payload)+len(m.Key)); err == nil && g.Encodes && size > g.EmitBytes {
			err = fmt.Errorf("more than %d bytes emitted, %d of headers with each event: emit fewer events, or smaller ones", g.EmitBytes, own)
		}
		if err != nil {
			return permanentFailure(contract.ReasonEmission, fmt.Errorf("emission %d: %w", i, err))
		}
	}
	b.msgs, b.payloads = msgs, bytes
	return nil
}

// fillEmission puts an emitted event into its envelope.
func (r *Route) fillEmission(m *contract.Message, d *contract.Delivery, e contract.Event, ordinal int, bound *boundOrgan) error {
	t := e.NecroEvent()
	seed := bound.emissionSeed(r, t)
	if seed == nil {
		return fmt.Errorf("%s is not among the events that %s may emit: generate its code again", t.Name, r.Method)
	}
	if !t.Is(e) {
		return fmt.Errorf("%T is nil or only embeds the event %s", e, t.Name)
	}
	if err := e.Validate(); err != nil {
		return err
	}
	m.ID = contract.DeriveID(d.ID, *seed, uint64(ordinal))
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
