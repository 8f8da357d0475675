package engine

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Engine is what the organs of one spine share: the limits and functions that the spine gives them, and the state that is
// one for the whole process. The spine fills the exported fields of the first group and calls Init before it makes an
// organ; they do not change from then on, so every goroutine reads them.
type Engine struct {
	Log          *slog.Logger
	Grace        time.Duration // a handler has so long to return, after a stop and after its context was cancelled
	Lease        time.Duration // how long a fetched delivery is ours without renewal
	DeclineLimit time.Duration // how long a delivery waits for a program that knows it
	EmitLimit    int           // events of one call of a handler
	EmitBytes    int64         // and their bytes, where the backend stores bytes
	MaxFailures  int64         // calls of the backend that may fail in a row; 0 for no limit
	FirstBatch   int           // how many deliveries the first Fetch asks for
	Encodes      bool          // the backend stores bytes
	KeepsDelays  bool          // the backend keeps delayed events
	SettlesLater bool          // workers leave settling to the settler of their organ

	States      contract.StatefulBackend                                            // nil when the backend keeps no states
	Rates       contract.RatingBackend                                              // nil when the backend keeps no rates
	Gauge       contract.FullnessReporter                                           // nil when the backend has no limit that emissions can pass
	Admit       func(*Run) bool                                                     // whether one more delivery may run; nil admits all
	PauseOrgan  func(ctx context.Context, organ, reason string) error               // in all processes; nil when the backend cannot
	ShowPayload func(*contract.Delivery) slog.Attr                                  // for log lines; nil shows none
	Values      map[any]func(handler context.Context) any                           // what contexts of handlers have under a key, made when it is asked for
	HaltError   func(organ, event string, id contract.ID, err error) (reason error) // why a run ends whose delivery halted it

	Clock Clock
	Calls Calls

	keyed   map[*contract.EventType]string // events whose key must not be empty, with the organ that wants it; complete before the first run
	crashed *turn                          // of suspects with a crash counted: one runs at a time
	organs  []*Organ                       // complete before the first run
	running atomic.Bool                    // a run serves: it was not told to stop
}

// Init makes the engine ready for NewOrgan.
func (e *Engine) Init() {
	e.crashed = newTurn(1)
	e.Calls.log, e.Calls.max = e.Log, e.MaxFailures
}

// RequireKey notes that an organ keeps state by the key of an event.
func (e *Engine) RequireKey(t *contract.EventType, organ string) {
	if e.keyed == nil {
		e.keyed = map[*contract.EventType]string{}
	}
	for ; t != nil; t = t.Previous {
		e.keyed[t] = organ
	}
}

// CheckKey refuses a message without a key where an organ keeps state by it.
func (e *Engine) CheckKey(m *contract.Message) error {
	if m.Key != "" || e.keyed == nil {
		return nil
	}
	if organ, keyed := e.keyed[m.Type]; keyed {
		return fmt.Errorf("%s: its key is empty, and organ %s keeps its state by it", m.Type.Name, organ)
	}
	return nil
}

// IsRunning reports whether a run serves. It waits for nothing.
func (e *Engine) IsRunning() bool { return e.running.Load() }
