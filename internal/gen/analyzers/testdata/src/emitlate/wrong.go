package emitlate

import (
	"context"
	"sync"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"golang.org/x/sync/errgroup"
)

type (
	Order struct{ ID string }
	Line  struct{ ID string }
)

//necro:organ
type Wrong struct {
	emit  necro.Emit[Line]
	later []func()
	emits chan necro.Emit[Line]
	byID  map[string]func(Line)
	job   *job
}

type job struct{ emit necro.Emit[Line] }

var last necro.Emit[Line]

//necro:handle
func (w *Wrong) Keep(_ context.Context, o *Order, emit necro.Emit[Line]) {
	w.emit = emit                                      // want `necro/emitlate: Keep keeps emit: what is emitted after the return is lost\n\thint: call it before the return; what`
	last = emit                                        // want `Keep keeps emit`
	w.byID[o.ID] = emit                                // want `Keep keeps emit`
	w.emits <- emit                                    // want `Keep keeps emit`
	w.job = &job{emit}                                 // want `Keep keeps emit`
	w.later = append(w.later, func() { emit(Line{}) }) // want `Keep keeps emit`
}

//necro:handle
func (w *Wrong) Go(ctx context.Context, o *Order, emit necro.Emit[Line], more necro.Emit[Line]) error {
	go emit(Line{}) // want `necro/emitlate: Go calls emit in another goroutine: calls race, and the order`
	go func() {     // want `Go calls emit in another goroutine` `Go calls more in another goroutine`
		emit(Line{})
		more(Line{})
	}()
	go w.send(emit) // want `Go calls emit in another goroutine`
	var wg sync.WaitGroup
	wg.Go(func() { emit(Line{}) }) // want `Go calls emit in another goroutine`
	wg.Wait()
	g, _ := errgroup.WithContext(ctx)
	g.Go(func() error { // want `Go calls more in another goroutine`
		more(Line{})
		return nil
	})
	g.TryGo(func() error { // want `Go calls more in another goroutine`
		more(Line{})
		return nil
	})
	send := func() { emit(Line{}) }
	go send() // want `Go calls emit in another goroutine`
	func() {
		go emit(Line{}) // want `Go calls emit in another goroutine`
	}()
	return g.Wait()
}

//necro:handle
func (w *Wrong) Later(_ context.Context, o *Order, emit necro.Emit[Line]) {
	defer emit(Line{}) // want `necro/emitlate: Later calls emit in a deferred function: it emits when the handler has returned already`
	defer func() {     // want `Later calls emit in a deferred function`
		emit(Line{})
	}()
	time.AfterFunc(time.Second, func() { emit(Line{}) }) // want `necro/emitlate: Later leaves emit to a function that is called later`
	w.start(o, emit)                                     // want `Later calls emit in another goroutine`
}

func (w *Wrong) send(emit func(Line)) { emit(Line{}) }

func (w *Wrong) start(_ *Order, emit necro.Emit[Line]) { go emit(Line{}) }
