package publish

import (
	"context"

	necro "github.com/necrostack/necrogen/runtime"
)

type Order struct{ ID string }

func (*Order) Validate() error { return nil }

//necro:organ
type Wrong struct {
	spine  *necro.Spine
	outbox Publisher
}

// Publisher is what others write in the place of the spine.
type Publisher interface {
	Publish(context.Context, necro.Event, ...necro.PublishOption) error
}

//necro:handle
func (w *Wrong) Publish(ctx context.Context, o *Order) error {
	if err := w.spine.Publish(ctx, o); err != nil { // want `necro/publish: Publish calls Spine.Publish, which is no part of its step: .*\n\thint: return the event, or take a necro.Emit for it`
		return err
	}
	go w.spine.PublishBatch(ctx, []necro.Event{o}) // want `Publish calls Spine.PublishBatch`
	func() {
		w.spine.Publish(ctx, o) // want `Publish calls Spine.Publish`
	}()
	return w.outbox.Publish(ctx, o) // want `Publish calls Publish, as Spine has it`
}

//necro:handle
func (w *Wrong) Indirect(ctx context.Context, o *Order) {
	w.notify(ctx, o) // want `Indirect calls notify, which publishes`
	notify(ctx, w)   // want `Indirect calls notify, which publishes`
	defer again(3)   // want `Indirect calls again, which publishes`
}

func (w *Wrong) notify(ctx context.Context, o *Order) error { return w.spine.Publish(ctx, o) }

func notify(ctx context.Context, w *Wrong) {
	func() { w.notify(ctx, nil) }()
}

func again(n int) {
	again(n - 1)
	new(necro.Spine).Publish(context.Background(), nil)
}
