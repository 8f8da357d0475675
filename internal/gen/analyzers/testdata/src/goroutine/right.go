package goroutine

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

//necro:organ
type Right struct {
	wg    sync.WaitGroup
	once  sync.Once
	queue chan string
	done  chan struct{}
	timer *time.Timer
}

//necro:handle
func (r *Right) WaitGroup(_ context.Context, o *Order) {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
	}()
	wg.Wait()
}

//necro:handle
func (r *Right) ErrGroup(ctx context.Context, o *Order) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return ctx.Err() })
	return g.Wait()
}

//necro:handle
func (r *Right) Channel(ctx context.Context, o *Order) error {
	results := make(chan error, 1)
	go func() { results <- nil }()
	select {
	case err := <-results:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

//necro:handle
func (r *Right) FanIn(_ context.Context, o *Order) {
	results := make(chan int)
	for i := range 3 {
		go func() { results <- i }()
	}
	for n := 0; ; {
		if n += <-results; n == 3 {
			break
		}
	}
}

//necro:handle
func (r *Right) Range(_ context.Context, o *Order) {
	results := make(chan int)
	go close(results)
	for range results {
	}
}

// job is something that ends by itself.
type job struct{ done, more chan int }

//necro:handle
func (r *Right) Job(_ context.Context, o *Order) {
	j := &job{}
	for {
		select {
		case <-j.done:
			return
		case <-j.more:
		}
	}
}

// Others is about goroutines that somebody else ends.
//
//necro:handle
func (r *Right) Others(ctx context.Context, o *Order) {
	go func() {
		<-ctx.Done()
	}()
	go r.watch(ctx)
	r.once.Do(func() { go r.serve() })
	r.wg.Go(func() {})
	timeout := time.AfterFunc(time.Second, func() {})
	defer timeout.Stop()
	context.AfterFunc(ctx, func() {})
}

func (r *Right) watch(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-r.done:
	}
}

func (r *Right) serve() {}

//necro:handle
func (r *Right) Loops(ctx context.Context, o *Order) error {
	time.Sleep(time.Millisecond)
	for o.ID != "" {
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	for {
		select {
		case <-r.queue:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

//necro:handle
func (r *Right) Bounded(_ context.Context, o *Order) {
	for {
		select {
		case <-r.queue:
			continue
		default:
		}
		break
	}
	timer := time.NewTimer(time.Second)
	for {
		select {
		case <-r.queue:
		case <-timer.C:
			return
		}
	}
}

//necro:handle
func (r *Right) Timer(_ context.Context, o *Order) {
	for {
		select {
		case <-r.queue:
		case <-r.timer.C:
			return
		}
	}
}

func (r *Right) NoHandler(o *Order) {
	go r.serve()
	for {
		time.Sleep(time.Second)
	}
}
