package contract

import "context"

// HandlerKey is the key under which the context of a handler, and each that descends from it, has a [Handling].
type HandlerKey struct{}

// Handling is what the context of a handler tells a backend.
type Handling interface {
	// IsHandling reports whether the context is still known as the one of a handler.
	IsHandling() bool
}

// InHandler reports whether ctx is the context of a handler, or one that descends from it. A spine does not let such a
// caller wait for room (PublishOptions.NoWait).
func InHandler(ctx context.Context) bool {
	h, ok := ctx.Value(HandlerKey{}).(Handling)
	return ok && h.IsHandling()
}
