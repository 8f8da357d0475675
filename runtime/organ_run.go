package necro

import (
	"cmp"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// organ is an organ as a spine runs it: resolved once by New, run by workers.
type organ struct {
	spine    *Spine
	name     string
	spec     contract.OrganSpec
	policy   contract.Policy
	routes   []*route
	byType   map[*contract.EventType]*route
	readers  map[nameVersion]*contract.EventType // also older versions and aliases
	unrouted *route                              // stands in for the route of an unknown event

	consumer contract.Consumer
	binding  atomic.Pointer[boundOrgan] // never nil; replaced by followBinding
	mu       sync.Mutex                 // guards workers, for those who ask how the organ is
	workers  []*worker
	watch    watch
	breaker  breaker
	feed     feed
	pace     pace // of the workers of an organ with concurrency
	settler  settler
	pressure pressure
	suspects *turn // side by side, or one alone

	batchSize int // of the next Fetch; owned by the one worker of an organ without concurrency
}

// route is a handler with its resolved policy.
type route struct {
	contract.Route
	index  int // in the organ's routes
	policy contract.Policy
	call   contract.HandlerCall
	stats  counters
}

func newOrgan(s *Spine, spec contract.OrganSpec, overrides []PolicyOption) (*organ, error) {
	o := &organ{
		spine: s, name: spec.Name, spec: spec,
		policy:  overridePolicy(defaultPolicy, spec.Policy),
		byType:  map[*contract.EventType]*route{},
		readers: map[nameVersion]*contract.EventType{},
	}
	if spec.Name == "" {
		return nil, fmt.Errorf("organ without a name in %s: was its code generated?", cmp.Or(spec.Path, "an unknown package"))
	}
	applyPolicyOptions(&o.policy, overrides)
	o.suspects = newTurn(o.policy.Concurrency)
	errs := []error{checkPolicy(o.policy, overrides)}
	for i := range spec.Routes {
		errs = append(errs, o.addRoute(&spec.Routes[i], overrides))
	}
	o.unrouted = &route{policy: o.policy}
	o.binding.Store(newBoundOrgan(o, &contract.Binding{Identity: o.name, Order: o.policy.Order, Exclusive: o.policy.Exclusive}))
	o.watch.nudge = make(chan struct{}, 1)
	o.breaker.changed = make(chan struct{}, 1)
	o.breaker.limit, o.breaker.pause, o.breaker.tell = o.policy.BreakerCount, o.policy.BreakerPause, o.logBreaker
	if err := errors.Join(errs...); err != nil {
		return o, fmt.Errorf("organ %s: %w", spec.Name, err)
	}
	return o, nil
}

func (o *organ) addRoute(spec *contract.Route, overrides []PolicyOption) error {
	r := &route{Route: *spec, index: len(o.routes), policy: overridePolicy(overridePolicy(defaultPolicy, o.spec.Policy), spec.Policy)}
	if spec.Event == nil || spec.Handle == nil {
		return fmt.Errorf("route %s has no event or no handler: was its code generated?", spec.Method)
	}
	if o.byType[spec.Event] != nil {
		return fmt.Errorf("two handlers for %s", spec.Event.Name)
	}
	if spec.Delays && !o.spine.keepsDelays() {
		return fmt.Errorf("handler %s may emit with a delay: %w", spec.Method, errNoDelays)
	}
	r.call = o.spine.wrapHandler(RouteInfo{o.name, spec.Method, spec.Event, spec.Emits}, spec.Handle)
	o.routes = append(o.routes, r)
	o.byType[spec.Event] = r
	o.addReaders(spec.Event)
	applyPolicyOptions(&r.policy, overrides)
	return nil
}

// addReaders makes an event known under its names, with all its versions.
func (o *organ) addReaders(t *contract.EventType) {
	for ; t != nil; t = t.Previous {
		for _, name := range append([]string{t.Name}, t.Aliases...) {
			o.readers[nameVersion{name, t.Version}] = t
		}
	}
}

func (o *organ) makeSubscription() contract.Subscription {
	c := &o.spine.config
	sub := contract.Subscription{
		Organ: o.name, Aliases: o.spec.Aliases, Path: o.spec.Path,
		Order: o.policy.Order, Exclusive: o.policy.Exclusive, Pack: o.policy.Pack, Prefetch: o.policy.Prefetch,
		Lease: c.lease, DeadLimit: c.deadLimit, DeadBytes: c.deadBytes,
	}
	for _, r := range o.routes {
		sub.Events = append(sub.Events, r.Event)
		sub.Emits = append(sub.Emits, r.Emits...)
	}
	return sub
}

// declinedFor is how long a delivery has waited for a program that takes it, at the least: the delays of
// its declines, by the backend's clock. Those of processes may differ by hours.
func declinedFor(declines int32) (waited time.Duration) {
	const growing = 6
	for i := range min(declines, growing) {
		waited += declineDelay(i)
	}
	return waited + time.Duration(min(max(declines-growing, 0), 1<<20))*declineDelay(growing)
}

// declineDelay grows from a second with every decline.
func declineDelay(declines int32) time.Duration {
	return time.Second << min(max(declines, 0), 6)
}
