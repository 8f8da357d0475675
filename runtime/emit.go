package necro

import (
	"fmt"
)

// outbox turns what handlers emitted into messages. One belongs to a worker; its slab is
// used again after every settle, for backends keep nothing of it.
type outbox struct {
	msgs []Message
}

func (b *outbox) reset() {
	clear(b.msgs)
	b.msgs = b.msgs[:0]
}

// add appends the messages of one handler call. After a failure the caller takes
// away what was added.
func (b *outbox) add(r *route, d *Delivery, out *Emissions, s *Spine) *failure {
	if len(out.events) > s.config.emitLimit {
		return permanentFailure(ReasonEmission, fmt.Errorf("%d events emitted, the limit is %d", len(out.events), s.config.emitLimit))
	}
	size, now := int64(0), s.clock.now()
	for i, e := range out.events {
		m, err := r.emission(d, e, i)
		m.Nanos = now
		if err == nil {
			err = s.encode(&m)
		}
		if size += int64(len(m.Payload)); err == nil && size > s.config.emitBytes {
			err = fmt.Errorf("more than %d bytes emitted", s.config.emitBytes)
		}
		if err != nil {
			return permanentFailure(ReasonEmission, fmt.Errorf("emission %d: %w", i, err))
		}
		b.msgs = append(b.msgs, m)
	}
	return nil
}

// emission puts an emitted event into its envelope.
func (r *route) emission(d *Delivery, e Event, ordinal int) (Message, error) {
	t := e.NecroEvent()
	seed := r.seed(t)
	if seed == nil {
		return Message{}, fmt.Errorf("%s is not among the events that %s may emit: generate its code again", t.Name, r.Method)
	}
	if !t.Is(e) {
		return Message{}, fmt.Errorf("%T is nil or only embeds the event %s", e, t.Name)
	}
	if err := e.Validate(); err != nil {
		return Message{}, err
	}
	m := Message{
		ID:          deriveID(d.ID, *seed, uint64(ordinal)),
		Correlation: d.Correlation,
		Causation:   d.ID,
		Type:        t,
		Event:       e,
		Headers:     d.Headers,
		Hops:        d.Hops + 1,
	}
	if t.Key != nil {
		m.Key = t.Key(e)
	}
	return m, nil
}

func (r *route) seed(t *EventType) *ID {
	for i := range r.emits {
		if r.emits[i].event == t {
			return &r.emits[i].seed
		}
	}
	return nil
}
