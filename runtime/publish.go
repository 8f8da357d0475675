package necro

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/internal/engine"
)

// PublishOption changes the envelope of a published event, or asks for a receipt.
type PublishOption struct {
	set     func(*Message)
	check   error
	alone   string // the option's name when it is for one event
	receipt *Receipt
}

// Receipt is what Publish tells of an event that it took.
type Receipt struct {
	// ID is the id of the event that is stored: the one that it was published with, or that of another event in its place.
	ID ID
	// Duplicate says that nothing was stored, because the event was there already: one with the same [WithID], which the
	// backend remembers, or one of its name and key that is [WithUnique].
	Duplicate bool
}

// WithReceipt fills in a receipt when Publish returns nil. After an error the receipt is as it was.
func WithReceipt(r *Receipt) PublishOption {
	var err error
	if r == nil {
		err = errors.New("WithReceipt: the receipt is nil")
	}
	return PublishOption{receipt: r, check: err, alone: "WithReceipt"}
}

// WithID sets the event's id. The backend remembers it for a while (10 minutes), in which
// an event that is published again with it is stored once. The zero id is refused.
func WithID(id ID) PublishOption {
	var err error
	if id.IsZero() {
		err = errors.New("WithID: the id is zero")
	}
	return PublishOption{set: func(m *Message) { m.ID, m.Once = id, true }, check: err, alone: "WithID"}
}

// longestMemory bounds the time of WithIDFor.
const longestMemory = 366 * 24 * time.Hour

// WithIDFor is [WithID] with the time for which the backend remembers the id: 24 hours for idempotency keys of HTTP, for
// example. It never forgets one earlier. When it can remember no more ids, Publish stores nothing and returns
// [ErrIDsFull]. The time is more than 0, and a year at most.
func WithIDFor(id ID, d time.Duration) PublishOption {
	var err error
	switch {
	case id.IsZero():
		err = errors.New("WithIDFor: the id is zero")
	case d <= 0 || d > longestMemory:
		err = fmt.Errorf("WithIDFor: the time is %s, want more than 0 and at most %s", d, longestMemory)
	}
	return PublishOption{set: func(m *Message) { m.ID, m.Once, m.Remember = id, true, d }, check: err, alone: "WithIDFor"}
}

// errNoUnique is the error of a unique event for a backend without such a thing.
var errNoUnique = errors.New("the backend keeps no unique events: publish it WithID in place of WithUnique, or use a backend that does")

// WithUnique stores the event unless one of its name and key, which was published WithUnique too, is not done yet: not
// settled by every organ, and not older than within. [WithReceipt] tells whether it was stored, and otherwise the id of the one
// that is there. Events without a key have one for all. Acknowledging, dropping or giving up the last delivery ends it,
// and so do [Spine.Cancel] and the removal of its organs; a retry does not. A dead letter that is redriven is not unique. The
// time of a delayed event begins when it is due, and no other is stored meanwhile.
func WithUnique(within time.Duration) PublishOption {
	var err error
	if within <= 0 || within > contract.MaxUnique {
		err = fmt.Errorf("WithUnique: the time is %s, want more than 0 and at most %s", within, contract.MaxUnique)
	}
	return PublishOption{set: func(m *Message) { m.Unique = within }, check: err}
}

// WithHeader adds a header, which all events of the chain inherit.
func WithHeader(key, value string) PublishOption {
	return PublishOption{set: func(m *Message) { m.SetHeader(key, value) }}
}

// WithCorrelation makes the event part of a chain that began elsewhere. By default it
// begins one, with its own id.
func WithCorrelation(id ID) PublishOption {
	return PublishOption{set: func(m *Message) { m.Correlation = id }}
}

// WithKey sets the value that groups related events, in place of the event's key field. It is
// this event's alone: those that descend from it have the keys that their own fields say.
func WithKey(key string) PublishOption {
	return PublishOption{set: func(m *Message) { m.Key = key }}
}

// Publish validates an event and stores it for every organ that is bound to it. It takes
// ownership of the event. It returns a *ValidationError, and stores nothing, when the
// event breaks its rules. It waits while the backend is full, until ctx is done, or
// returns ErrFull when nothing has started to consume. Called with a handler's context it
// returns ErrFull too: a handler that waits may keep room from being made. Let it emit.
//
// After an error of the backend the event may be stored: publish it again with the same
// WithID. While the backend cannot be reached, or does not serve, the error matches
// ErrBackendUnavailable.
func (s *Spine) Publish(ctx context.Context, e Event, options ...PublishOption) error {
	if !s.bound.Load() {
		if err := s.bindOrgans(ctx); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
	}
	var m Message
	err := s.envelopEvent(&m, e)
	if err != nil {
		return err
	}
	if len(options) > 0 {
		if m, err = s.sealEnvelope(m, options); err != nil {
			return err
		}
	}
	if err = s.engine.CheckKey(&m); err != nil {
		return fmt.Errorf("publish %w", err)
	}
	var p *engine.Payloads
	if s.engine.Encodes {
		p = s.room.TakeBuffer()
		err = s.engine.EncodePayload(&m, p)
	}
	var there ID
	if err == nil {
		there, err = s.storeOne(ctx, m)
	}
	if p != nil {
		s.room.GiveBuffer(p)
	}
	if err == nil {
		s.noteTaken(m.ID, there, options)
	}
	return err
}

// storeOne has the backend store a message, and returns the id of the event that is there in its place when it is a duplicate.
// A handler does not wait for room.
func (s *Spine) storeOne(ctx context.Context, m Message) (there ID, err error) {
	if s.one != nil && m.Unique == 0 && !s.config.wantsLayer(ctx, m.Correlation, m.Headers) {
		duplicate, err := s.one.PublishOne(ctx, m, contract.PublishOptions{NoWait: contract.InHandler(ctx)})
		if duplicate {
			there = m.ID
		}
		return there, err
	}
	duplicates, err := s.publish(ctx, []Message{m})
	return duplicates.Of(0), err
}

// noteTaken counts an event that the backend took, and fills in its receipts. there is the event in its place, for a duplicate.
func (s *Spine) noteTaken(id, there ID, options []PublishOption) {
	duplicate := !there.IsZero()
	if duplicate {
		id = there
	} else {
		s.published.Add(1)
	}
	for i := range options {
		if r := options[i].receipt; r != nil {
			*r = Receipt{id, duplicate}
		}
	}
}

// PublishBatch publishes events in order, all or none: with one that breaks its rules,
// nothing is stored. Options hold for each of them; WithID, WithIDFor and WithReceipt are refused for more than one.
func (s *Spine) PublishBatch(ctx context.Context, events []Event, options ...PublishOption) error {
	if !s.bound.Load() {
		if err := s.bindOrgans(ctx); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
	}
	if len(events) > 1 {
		if err := checkForMany(options); err != nil {
			return fmt.Errorf("publish %d events: %w", len(events), err)
		}
	}
	p := s.room.TakeBuffer()
	defer s.room.GiveBuffer(p)
	msgs := make([]Message, len(events))
	var errs []error
	for i, e := range events {
		err := s.envelopEvent(&msgs[i], e)
		if err == nil {
			msgs[i], err = s.sealEnvelope(msgs[i], options)
		}
		if err == nil {
			err = s.engine.CheckKey(&msgs[i])
		}
		if err == nil {
			err = s.engine.EncodePayload(&msgs[i], p)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("event %d: %w", i, err))
		}
	}
	if len(errs) > 0 || len(msgs) == 0 {
		return errors.Join(errs...)
	}
	duplicates, err := s.publish(ctx, msgs)
	if err != nil {
		return err
	}
	for i := range msgs {
		s.noteTaken(msgs[i].ID, duplicates.Of(i), options)
	}
	return nil
}

// checkForMany refuses options that are for one event alone.
func checkForMany(options []PublishOption) error {
	for i := range options {
		if options[i].alone != "" {
			return fmt.Errorf("%s is for one event: publish the events one by one", options[i].alone)
		}
	}
	return nil
}

// envelopEvent puts an event into an envelope, or returns why it cannot be published.
func (s *Spine) envelopEvent(m *Message, e Event) error {
	if e == nil {
		return errors.New("publish: the event is nil: pass a pointer to an event")
	}
	t := e.NecroEvent()
	if !t.Is(e) {
		return fmt.Errorf("publish: %T is nil or only embeds the event %s: publish the event itself", e, t.Name)
	}
	if err := e.Validate(); err != nil {
		return err
	}
	m.ID = s.ids.nextID()
	m.Correlation, m.Type, m.Event, m.Nanos = m.ID, t, e, s.engine.Clock.Now()
	if t.Key != nil {
		m.Key = t.Key(e)
	}
	return nil
}

// sealEnvelope applies options to an envelope. Its argument is moved to the heap, so it is not called for a plain event.
func (s *Spine) sealEnvelope(m Message, options []PublishOption) (Message, error) {
	m.Correlation = ID{}
	for _, o := range options {
		if o.check != nil {
			return m, fmt.Errorf("publish %s: %w", m.Type.Name, o.check)
		}
		if o.set != nil {
			o.set(&m)
		}
	}
	if m.Correlation.IsZero() {
		m.Correlation = m.ID
	}
	if m.Unique != 0 && !s.keepsUnique {
		return m, fmt.Errorf("publish %s: %w", m.Type.Name, errNoUnique)
	}
	if m.Due == 0 {
		return m, nil
	}
	if err := s.engine.CheckDue(&m, time.Now().UnixNano()); err != nil {
		return m, fmt.Errorf("publish %s: %w", m.Type.Name, err)
	}
	return m, nil
}
