package contract

import "context"

// HandlerKey is the key under which the context of a handler, and each that descends from it, has a [Handling].
type HandlerKey struct{}

// Handling is what the context of a handler tells a backend, and middleware.
type Handling interface {
	// IsHandling reports whether the context is still known as the one of a handler.
	IsHandling() bool
	// Handled is what the handler was given: see [HandledDelivery].
	Handled() *Delivery
}

// InHandler reports whether ctx is the context of a handler, or one that descends from it. A spine does not let such a
// caller wait for room (PublishOptions.NoWait).
func InHandler(ctx context.Context) bool {
	h, ok := ctx.Value(HandlerKey{}).(Handling)
	return ok && h.IsHandling()
}

// HandledDelivery returns what the handler of a context was given, or nil for a context of no handler. It costs nothing, where
// MetaFrom of package necro makes a copy that lasts. Therefore it is for middleware alone: it is read in the goroutine that the
// handler runs in, only until the handler returns, and never changed.
func HandledDelivery(ctx context.Context) *Delivery {
	h, ok := ctx.Value(HandlerKey{}).(Handling)
	if !ok {
		return nil
	}
	return h.Handled()
}
