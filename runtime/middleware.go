package necro

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/internal/engine"
)

// HandlerFunc is a call of a handler, as middleware sees it.
type HandlerFunc func(ctx context.Context, e Event) error

// RouteInfo names the handler that a layer is around.
type RouteInfo struct {
	Organ  string
	Method string
	Event  *contract.EventType   // the newest version of the event
	Emits  []*contract.EventType // what the handler may emit: events, timers, and undos where it compensates
}

// PublishFunc stores messages that were validated and encoded, all or none.
type PublishFunc func(ctx context.Context, msgs []Message) error

// WithMiddleware puts a layer around every handler call; the first one given is outermost.
// It sees the envelope through MetaFrom, and runs once for each attempt. Around a batch handler it runs once for each
// event, with that event's context and that event's error: the layers of the events lie inside each other, in the order of
// the batch, and the handler is called in the innermost one, with the context of the first event. A layer that does not call next takes its event out of
// the batch, and one that calls next twice gets an error.
func WithMiddleware(layers ...func(next HandlerFunc) HandlerFunc) Option {
	return func(c *config) error {
		for _, layer := range layers {
			c.middleware = append(c.middleware, func(_ RouteInfo, next HandlerFunc) HandlerFunc { return layer(next) })
		}
		return nil
	}
}

// WithRouteMiddleware is WithMiddleware for layers that prepare their work for a handler once: New calls each
// layer for every route.
func WithRouteMiddleware(layers ...func(r RouteInfo, next HandlerFunc) HandlerFunc) Option {
	return func(c *config) error {
		c.middleware = append(c.middleware, layers...)
		return nil
	}
}

// WithPublishMiddleware puts a layer around every Publish and PublishBatch, in between of
// what checks the events and what stores them; the first one given is outermost. It may add
// headers with Message.SetHeader, set keys, and leave messages out or store them in several calls of
// next. A change of anything else is an error, and that message's call stores nothing. What handlers emit
// does not pass through it.
func WithPublishMiddleware(layers ...func(next PublishFunc) PublishFunc) Option {
	return func(c *config) error {
		c.publish = append(c.publish, layers...)
		c.wanted = append(c.wanted, make([]publishChoice, len(layers))...)
		return nil
	}
}

// WithChosenPublishes is WithPublishMiddleware for a layer that most publishes go past. wants is asked at each Publish and
// PublishBatch, with the chain and the headers of the first event, and may run in any goroutine. A Publish that no layer
// wants costs what it costs without middleware.
func WithChosenPublishes(wants func(ctx context.Context, correlation ID, headers map[string]string) bool, layer func(next PublishFunc) PublishFunc) Option {
	return func(c *config) error {
		c.wanted = append(c.wanted, wants)
		c.publish = append(c.publish, func(next PublishFunc) PublishFunc {
			around := layer(next)
			return func(ctx context.Context, msgs []Message) error {
				if len(msgs) > 0 && wants(ctx, msgs[0].Correlation, msgs[0].Headers) {
					return around(ctx, msgs)
				}
				return next(ctx, msgs)
			}
		})
		return nil
	}
}

// publishChoice reports whether a layer wants a publish; nil is a layer that wants all.
type publishChoice func(ctx context.Context, correlation ID, headers map[string]string) bool

func (p publishChoice) takesAll() bool { return p == nil }

// wantsLayer reports whether a layer wants a publish. No layer of c wants all of them.
func (c *config) wantsLayer(ctx context.Context, correlation ID, headers map[string]string) bool {
	for _, wants := range c.wanted {
		if wants(ctx, correlation, headers) {
			return true
		}
	}
	return false
}

// WithContextValue gives the contexts of handlers a value for a key, which is made when it is asked for. A nil from makeValue
// is no value. Its argument is the handler's context; makeValue may be called at any time and in any goroutine, like MetaFrom,
// and asks that context for no value of the same key.
func WithContextValue(key any, makeValue func(handler context.Context) any) Option {
	return func(c *config) error {
		if c.values == nil {
			c.values = map[any]func(context.Context) any{}
		}
		c.values[key] = makeValue
		return nil
	}
}

// Options makes one option of several.
func Options(options ...Option) Option {
	return func(c *config) error {
		var errs []error
		for _, option := range options {
			errs = append(errs, option(c))
		}
		return errors.Join(errs...)
	}
}

// SetEmitHeader sets a header of everything that this call of a handler emits, on top of those
// that the event came with. It takes the context of a handler, or one that descends from it,
// and reports false for any other. Like Emit it is called before the handler returns, and not
// concurrently.
func SetEmitHeader(ctx context.Context, key, value string) bool {
	return engine.SetEmitHeader(ctx, key, value)
}

// wrapHandler puts the middleware around a handler. Middleware sees no Emissions: they travel in the context. A layer
// that calls the handler again starts with none.
func (s *Spine) wrapHandler(info RouteInfo, call contract.HandlerCall) contract.HandlerCall {
	layers := s.config.middleware
	if len(layers) == 0 {
		return call
	}
	h := HandlerFunc(func(ctx context.Context, e Event) error {
		out, ok := engine.EmissionsFrom(ctx)
		if !ok {
			return errors.New("middleware replaced the handler's context by one that does not descend from it: derive it from the one that it was called with")
		}
		out.Reset()
		return call(ctx, e, out)
	})
	for _, layer := range slices.Backward(layers) {
		h = layer(info, h)
	}
	return func(ctx context.Context, e Event, _ *contract.Emissions) error { return h(ctx, e) }
}

// storeFunc stores messages, and returns which of them are duplicates.
type storeFunc func(ctx context.Context, msgs []Message) (contract.Duplicates, error)

// storeMessages has the backend store messages. A handler does not wait for room.
func (s *Spine) storeMessages(ctx context.Context, msgs []Message) (contract.Duplicates, error) {
	return s.backend.Publish(ctx, msgs, contract.PublishOptions{NoWait: contract.InHandler(ctx)})
}

// wrapPublish puts the middleware around the backend's Publish. What reaches the backend is checked:
// ids, types and bytes belong together, and each backend would take another part of a change.
func (s *Spine) wrapPublish() storeFunc {
	if len(s.config.publish) == 0 {
		return s.storeMessages
	}
	publish := PublishFunc(func(ctx context.Context, msgs []Message) error {
		sealed, ok := ctx.Value(sealedKey{}).(*sealedBatch)
		if !ok {
			return errors.New("publish middleware replaced the context by one that does not descend from it: derive it from the one that it was called with")
		}
		for i := range msgs {
			if err := checkSealed(&msgs[i], sealed.msgs); err != nil {
				return err
			}
		}
		duplicates, err := s.storeMessages(ctx, msgs)
		if err == nil && duplicates != nil {
			sealed.noteDuplicates(msgs, duplicates)
		}
		return err
	})
	for _, layer := range slices.Backward(s.config.publish) {
		publish = layer(publish)
	}
	return func(ctx context.Context, msgs []Message) (contract.Duplicates, error) {
		sealed := &sealedBatch{slices.Clone(msgs), make(contract.Duplicates, len(msgs))}
		err := publish(context.WithValue(ctx, sealedKey{}, sealed), msgs)
		return sealed.duplicates, err
	}
}

// sealedKey is the context key of a *sealedBatch.
type sealedKey struct{}

// sealedBatch is what one publish hands to the middleware.
type sealedBatch struct {
	msgs       []Message           // as they were before the middleware; never changes
	duplicates contract.Duplicates // by index in msgs; the call of next that stores a message writes its element
}

// noteDuplicates notes the duplicates among the messages of one call of next.
func (b *sealedBatch) noteDuplicates(msgs []Message, duplicates contract.Duplicates) {
	for i := range msgs {
		at := slices.IndexFunc(b.msgs, func(was Message) bool { return was.ID == msgs[i].ID })
		b.duplicates[at] = duplicates[i]
	}
}

// checkSealed returns an error when middleware changed more of a message than its headers and its key.
func checkSealed(m *Message, sealed []Message) error {
	i := slices.IndexFunc(sealed, func(was Message) bool { return was.ID == m.ID })
	if i < 0 {
		return fmt.Errorf("publish middleware passed on an event with the id %s, which is none of those that were published: it may change headers and keys alone", m.ID)
	}
	was := sealed[i]
	if m.Type != was.Type || m.Event != was.Event || !bytes.Equal(m.Payload, was.Payload) ||
		m.Correlation != was.Correlation || m.Causation != was.Causation || m.Hops != was.Hops || m.Due != was.Due || m.Once != was.Once || m.Remember != was.Remember || m.Unique != was.Unique {
		return fmt.Errorf("publish middleware changed the %s %s: it may change headers and keys alone", was.Type.Name, was.ID)
	}
	return nil
}
