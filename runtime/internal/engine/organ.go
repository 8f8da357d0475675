package engine

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/internal/batch"
)

// Organ is an organ as an engine runs it: made once by NewOrgan and AddRoute, then bound, then run by workers.
//
// The first group of fields does not change once the organ is bound. The parts in the second one guard themselves; batchSize
// alone belongs to a goroutine, that of the only worker.
type Organ struct {
	Name   string
	Spec   contract.OrganSpec
	Policy contract.Policy

	engine     *Engine
	routes     []*Route
	indexed    []*Route // the routes and their give-up handlers, by their indexes
	byType     map[*contract.EventType]*Route
	readers    map[nameVersion]*contract.EventType         // also older versions and aliases
	ticks      bool                                        // some route's event has a schedule
	timers     map[*contract.EventType]*contract.EventType // the type of an event's timers
	timerNames map[string]string                           // names of such types, also former ones, with the name of the event
	undos      map[nameVersion]*contract.EventType         // what its records may keep, also older versions and aliases
	unrouted   *Route                                      // stands in for the route of an unknown event
	consumer   contract.Consumer

	binding    atomic.Pointer[boundOrgan] // never nil; replaced by followBinding
	mu         sync.Mutex                 // guards workers, for those who ask how the organ is
	workers    []*worker
	watch      watch
	breaker    breaker
	feed       feed
	pace       pace // of the workers of an organ with concurrency
	settler    settler
	pressure   pressure
	quota      quota
	states     stateCache // of an organ with state
	conflicted conflicted // of an organ with state and a give-up handler
	suspects   *turn      // side by side, or one alone

	together  int // the most deliveries that one of the handlers takes at a time; does not change once the organ is bound
	batchSize int // of the next Fetch; owned by the one worker of an organ without concurrency
}

// Route is a handler with its resolved policy.
type Route struct {
	contract.Route
	Counters Counters
	index    int // among the organ's routes and their give-up handlers
	policy   contract.Policy
	call     contract.HandlerCall
	giveUp   *Route // called when a delivery is given up; nil for none
	gaveUp   bool   // this is such a handler
	commands bool   // it may emit events that name an undo
}

// Policy returns the resolved policy of the handler.
func (r *Route) Policy() contract.Policy { return r.policy }

// Counters count what became of the deliveries of a route. The goroutine that settles a delivery adds to them.
type Counters struct {
	Handled, Retried, Dead, Dropped, Declined, Emitted, Abandoned, Lost atomic.Uint64
}

type nameVersion struct {
	name    string
	version int
}

// NewOrgan adds an organ to an engine, under a policy that was checked. Its routes are added next.
func NewOrgan(e *Engine, spec contract.OrganSpec, policy contract.Policy) *Organ {
	o := &Organ{
		engine: e, Name: spec.Name, Spec: spec, Policy: policy,
		byType:   map[*contract.EventType]*Route{},
		readers:  map[nameVersion]*contract.EventType{},
		unrouted: &Route{policy: policy},
		suspects: newTurn(policy.Concurrency),
	}
	o.watch.nudge = make(chan struct{}, 1)
	o.breaker.changed = make(chan struct{}, 1)
	o.breaker.limit, o.breaker.pause, o.breaker.tell = policy.BreakerCount, policy.BreakerPause, o.logBreaker
	o.bindTo(&contract.Binding{Identity: o.Name, Order: policy.Order, Exclusive: policy.Exclusive, Lanes: policy.Lanes})
	e.organs = append(e.organs, o)
	return o
}

// AddRoute adds a handler under its policy. call is the handler with the middleware around it, and so is giveUp; nil for an event
// without a give-up handler.
func (o *Organ) AddRoute(spec contract.Route, policy contract.Policy, call, giveUp contract.HandlerCall) error {
	if o.byType[spec.Event] != nil {
		return fmt.Errorf("event %s has two handlers, and an organ has one for each event: generate its code again", spec.Event.Name)
	}
	r := &Route{Route: spec, policy: policy, call: call}
	o.routes = append(o.routes, r)
	o.addIndexed(r)
	if giveUp != nil {
		r.giveUp = &Route{Route: *spec.GiveUp, policy: policy, call: giveUp, gaveUp: true}
		o.addIndexed(r.giveUp)
	}
	o.byType[spec.Event] = r
	if spec.HandleBatch != nil {
		o.together = max(o.together, policy.BatchCount)
	}
	o.addReaders(spec.Event)
	o.ticks = o.ticks || spec.Event.Every != nil
	return nil
}

// addIndexed adds a handler to those whose emissions have seeds, and makes its timers and undos known.
func (o *Organ) addIndexed(r *Route) {
	r.index = len(o.indexed)
	r.commands = needsUndos(&r.Route)
	o.addTimers(r.Timers)
	o.addUndos(r.Undos)
	o.indexed = append(o.indexed, r)
	o.binding.Load().addSeeds(r)
}

// addReaders makes an event known under its names, with all its versions.
func (o *Organ) addReaders(t *contract.EventType) {
	for ; t != nil; t = t.Previous {
		for _, name := range append([]string{t.Name}, t.Aliases...) {
			o.readers[nameVersion{name, t.Version}] = t
		}
	}
}

// Routes returns the handlers, in the order in which they were added.
func (o *Organ) Routes() []*Route { return o.routes }

// Unrouted returns the counters of deliveries that the organ has no handler for.
func (o *Organ) Unrouted() *Counters { return &o.unrouted.Counters }

// Bind gives the organ the consumer that it fetches from, between two runs.
func (o *Organ) Bind(c contract.Consumer) {
	o.consumer = c
	o.followBinding()
}

// Consumer returns what Bind was given last.
func (o *Organ) Consumer() contract.Consumer { return o.consumer }

// startWorkers starts the organ's workers and those who look after them.
func (o *Organ) startWorkers(r *Run) {
	o.batchSize = o.engine.FirstBatch
	o.pace.nanos.Store(0)
	o.watch.asleep.Store(false)
	o.states.clearRecords()
	workers := make([]*worker, o.Policy.Concurrency)
	for i := range workers {
		workers[i] = newWorker(o, r)
	}
	o.mu.Lock()
	o.workers = workers
	o.mu.Unlock()
	r.workers.Add(len(o.workers))
	for _, w := range o.workers {
		go w.workBatches(nil)
	}
	r.keepers.Go(func() { o.watch.watchHandlers(o.workers, r.quit) })
	r.keepers.Go(func() { o.keepLeases(r, r.quit) })
}

// State is how an organ is in this process.
type State struct {
	Identity  string // the name under which the backend knew the organ first
	Workers   int    // 0 before the first run
	Abandoned int    // workers whose handler ignores its cancelled context
	Open      bool   // the breaker pauses the organ
	Slowed    bool   // it waits, because it emits more than it handles and the backend is over its limit
	Waits     string // which order the policy waits for; empty when it is in effect
}

// State asks no backend, and waits for nothing.
func (o *Organ) State() State {
	s := State{Identity: o.binding.Load().Identity, Open: o.breaker.isOpen(), Slowed: o.pressure.slowed.Load(), Waits: o.waitsForOrder()}
	o.mu.Lock()
	defer o.mu.Unlock()
	s.Workers = len(o.workers)
	for _, w := range o.workers {
		if w.batch.Position() == batch.Abandoned {
			s.Abandoned++
		}
	}
	return s
}

// declinedFor is how long a delivery has waited for a program that takes it, at the least: the delays of
// its declines, by the backend's clock. Those of processes may differ by hours.
func declinedFor(declines int32) (waited time.Duration) {
	for i := range min(declines, declineSteps) {
		waited += declineDelay(i)
	}
	return waited + time.Duration(min(max(declines-declineSteps, 0), 1<<20))*declineDelay(declineSteps)
}

// The delay of a declined delivery doubles from the first, after which a process that knows the event may have it, to 82 seconds.
const (
	firstDecline = 20 * time.Millisecond
	declineSteps = 12
)

// declineDelay returns how long a delivery waits that was declined so often before.
func declineDelay(declines int32) time.Duration {
	return firstDecline << min(max(declines, 0), declineSteps)
}
