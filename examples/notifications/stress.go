package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	necro "github.com/necrostack/necrogen/runtime"
)

const (
	batchSize = 256  // events in one call of PublishBatch
	customers = 5000 // users that are told something at random
)

var news = []string{"Your parcel is out for delivery", "Your invoice is here", "Your table is booked", "Your code is 271 828", "Neu in Ihrer Größe"}

// flow makes random notifications. The same seed makes the same ones.
type flow struct {
	dice *rand.Rand
	made uint64
}

func newFlow(seed uint64) *flow { return &flow{dice: rand.New(rand.NewPCG(seed, 0))} }

func (f *flow) nextRequest() *NotificationRequested {
	f.made++
	set := 1 + f.dice.IntN(1<<len(channels)-1) // a bit for each channel
	var list []Channel
	for i, c := range channels {
		if set>>i&1 == 1 {
			list = append(list, c)
		}
	}
	priority := []Priority{Low, Normal, High}[f.dice.IntN(3)]
	user := fmt.Sprintf("u%04d", 1+f.dice.IntN(customers))
	return &NotificationRequested{Notification{f.made, user, list, news[f.dice.IntN(len(news))], priority}}
}

// publishRandom publishes n random notifications, in batches.
func (f *flow) publishRandom(ctx context.Context, s *service, n uint64) error {
	events := make([]necro.Event, 0, batchSize)
	for f.made < n && ctx.Err() == nil {
		events = events[:0]
		for len(events) < batchSize && f.made < n {
			events = append(events, f.nextRequest())
		}
		if err := s.publishEvents(ctx, events...); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}
