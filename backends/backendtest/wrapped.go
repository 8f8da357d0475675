package backendtest

import (
	"context"

	"github.com/necrostack/necrogen/runtime/contract"
)

// wrapped is a backend that has something between its consumers and who works with them.
type wrapped struct {
	contract.Backend
	consumer func(inner contract.Consumer, organ string) contract.Consumer
}

func (w *wrapped) NeedsPayload() bool { return needsPayload(w.Backend) }

func (w *wrapped) KeepsLanes() bool { return keepsLanes(w.Backend) }

func (w *wrapped) Subscribe(ctx context.Context, subs []contract.Subscription) ([]contract.Consumer, error) {
	inner, err := w.Backend.Subscribe(ctx, subs)
	outer := make([]contract.Consumer, len(inner))
	for i := range inner {
		outer[i] = w.consumer(inner[i], subs[i].Organ)
	}
	return outer, err
}
