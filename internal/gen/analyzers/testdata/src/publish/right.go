package publish

import (
	"context"

	necro "github.com/necrostack/necrogen/runtime"
)

//necro:organ
type Right struct {
	spine *necro.Spine
	topic topic
}

// topic is another system, which is published to from a handler.
type topic interface {
	Publish(context.Context, string) error
}

//necro:handle
func (r *Right) Emit(ctx context.Context, o *Order, emit necro.Emit[Order]) (*Order, error) {
	emit(*o)
	return o, r.topic.Publish(ctx, o.ID)
}

// Outside is no handler.
func (r *Right) Outside(ctx context.Context, o *Order) error { return r.spine.Publish(ctx, o) }

//necro:handle
func (r *Right) Bridge(ctx context.Context, o *Order) error {
	//lint:ignore necro/publish it goes to the spine of another topology, and its id is that of the event
	return r.spine.Publish(ctx, o)
}
