package backendtest

import (
	"context"

	necro "github.com/necrostack/necrogen/runtime"
)

// wrapped is a backend that has something between its consumers and who works with them.
type wrapped struct {
	necro.Backend
	consumer func(inner necro.Consumer, organ string) necro.Consumer
}

func (w *wrapped) NeedsPayload() bool { return needsPayload(w.Backend) }

func (w *wrapped) Subscribe(ctx context.Context, subs []necro.Subscription) ([]necro.Consumer, error) {
	inner, err := w.Backend.Subscribe(ctx, subs)
	outer := make([]necro.Consumer, len(inner))
	for i := range inner {
		outer[i] = w.consumer(inner[i], subs[i].Organ)
	}
	return outer, err
}
