package goroutine

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

type Order struct{ ID string }

//necro:organ
type Wrong struct {
	queue  chan string
	ticker *time.Ticker
	ready  bool
}

//necro:handle
func (w *Wrong) Go(ctx context.Context, o *Order) error {
	go w.notify(o) // want `necro/goroutine: Go starts a goroutine that it does not wait for: its event is settled when it returns, and a crash loses what still runs\n\thint: wait for it, as with sync.WaitGroup`
	go func() {    // want `Go starts a goroutine that it does not wait for`
		w.notify(o)
	}()
	if o.ID == "" {
		go time.Sleep(time.Second) // want `Go starts a goroutine`
	}
	go w.call(ctx, o) // want `Go starts a goroutine`
	return nil
}

//necro:handle
func (w *Wrong) Groups(ctx context.Context, o *Order) {
	var wg sync.WaitGroup
	wg.Go(func() { w.notify(o) }) // want `Groups starts a goroutine with wg.Go and does not wait for it`
	g, _ := errgroup.WithContext(ctx)
	g.Go(func() error { return nil })                   // want `Groups starts a goroutine with g.Go`
	time.AfterFunc(time.Second, func() { w.notify(o) }) // want `Groups starts a goroutine with time.AfterFunc`
}

//necro:handle
func (w *Wrong) Loops(_ context.Context, o *Order) {
	for !w.ready {
		time.Sleep(time.Second) // want `necro/goroutine: Loops sleeps in a loop without looking at its context: it does not end at its timeout, nor when the program stops\n\thint: select from <-ctx.Done\(\)`
	}
	for { // want `Loops waits for a channel in a loop`
		if <-w.queue == o.ID {
			break
		}
	}
	for { // want `Loops waits for a channel in a loop`
		select {
		case id := <-w.queue:
			w.ready = id == o.ID
		case <-queue:
			return
		}
	}
}

//necro:handle
func (w *Wrong) Ticks(_ context.Context, o *Order) {
	for range w.ticker.C { // want `Ticks waits for a ticker in a loop`
		if w.ready {
			break
		}
	}
	for range time.Tick(time.Second) { // want `Ticks waits for a ticker in a loop`
		if w.ready {
			break
		}
	}
	for { // want `Ticks waits for a channel in a loop`
		if w.ready {
			return
		}
		<-time.After(time.Second)
	}
}

var queue chan string

func (w *Wrong) notify(*Order) {}

func (w *Wrong) call(context.Context, *Order) {}
