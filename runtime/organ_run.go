package necro

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/internal/engine"
)

// newOrgan resolves the policies of an organ and of its handlers, and puts the middleware around these.
func (s *Spine) newOrgan(spec contract.OrganSpec, overrides []PolicyOption) (*engine.Organ, error) {
	policy := overridePolicy(defaultPolicy, spec.Policy)
	applyPolicyOptions(&policy, overrides)
	if err := s.adaptToState(&spec, &policy); err != nil {
		return engine.NewOrgan(&s.engine, spec, policy), err
	}
	laneErr := s.adaptToLanes(&spec, &policy)
	o := engine.NewOrgan(&s.engine, spec, policy)
	if spec.Name == "" {
		return o, fmt.Errorf("organ without a name in %s: was its code generated?", cmp.Or(spec.Path, "an unknown package"))
	}
	errs := []error{checkPolicy(policy, overrides), laneErr}
	if policy.RateCount > 0 && s.engine.Rates == nil {
		errs = append(errs, fmt.Errorf("rate=%d/%s: the backend %T keeps no rates: use one that does, such as backends/memory", policy.RateCount, policy.RatePer, s.backend))
	}
	for i := range spec.Routes {
		errs = append(errs, s.addRoute(o, &spec.Routes[i], overrides))
	}
	errs = append(errs, o.CheckTimers(), o.CheckUndos())
	if err := errors.Join(errs...); err != nil {
		return o, fmt.Errorf("organ %s: %w", spec.Name, err)
	}
	return o, nil
}

func (s *Spine) addRoute(o *engine.Organ, spec *contract.Route, overrides []PolicyOption) error {
	if err := s.checkRoute(o, spec); err != nil {
		return err
	}
	policy := overridePolicy(overridePolicy(defaultPolicy, o.Spec.Policy), spec.Policy)
	applyPolicyOptions(&policy, overrides)
	var giveUp contract.HandlerCall
	if g := spec.GiveUp; g != nil {
		if err := s.checkRoute(o, g); err != nil {
			return err
		}
		giveUp = s.wrapHandler(RouteInfo{o.Name, g.Method, g.Event, emittedTypes(&o.Spec, g)}, g.Handle)
	}
	call := spec.Handle
	if spec.HandleBatch != nil {
		if o.Policy.Order == OrderStrict {
			return fmt.Errorf("handler %s takes a batch, with order=strict: strict order runs one delivery at a time: use order=key, or take one event", spec.Method)
		}
		call = engine.CallOfElement(spec.HandleBatch)
	}
	return o.AddRoute(*spec, policy, s.wrapHandler(RouteInfo{o.Name, spec.Method, spec.Event, emittedTypes(&o.Spec, spec)}, call), giveUp)
}

// emittedTypes returns all that a handler of an organ may emit: events, timers, and the undos of the record where it compensates.
func emittedTypes(organ *contract.OrganSpec, r *contract.Route) []*contract.EventType {
	list := slices.Concat(r.Emits, r.Timers)
	if !r.Compensates {
		return list
	}
	for i := range organ.Routes {
		list = append(list, organ.Routes[i].Undos...)
		if g := organ.Routes[i].GiveUp; g != nil {
			list = append(list, g.Undos...)
		}
	}
	return list
}

// checkRoute refuses a handler that cannot run here.
func (s *Spine) checkRoute(o *engine.Organ, spec *contract.Route) error {
	if spec.Event == nil || spec.Handle == nil && spec.HandleBatch == nil {
		return fmt.Errorf("route %s has no event or no handler: was its code generated?", spec.Method)
	}
	if spec.Delays && !s.engine.KeepsDelays {
		return fmt.Errorf("handler %s may emit with a delay: %w", spec.Method, engine.ErrNoDelays)
	}
	if spec.State && spec.HandleBatch != nil {
		return fmt.Errorf("handler %s takes a batch and a state, and a state belongs to one event: was its code generated?", spec.Method)
	}
	if spec.State {
		if o.Spec.State == nil {
			return fmt.Errorf("handler %s takes a state, and the organ has none: was its code generated?", spec.Method)
		}
		s.engine.RequireKey(spec.Event, o.Name)
	}
	return nil
}

// makeSubscription returns what the backend is asked to bind for an organ.
func (s *Spine) makeSubscription(o *engine.Organ) contract.Subscription {
	c := &s.config
	sub := contract.Subscription{
		Organ: o.Name, Aliases: o.Spec.Aliases, Path: o.Spec.Path,
		Order: o.Policy.Order, Exclusive: o.Policy.Exclusive, Lanes: o.Policy.Lanes, Pack: o.Policy.Pack, Prefetch: o.Policy.Prefetch,
		State: o.Spec.State != nil, Lease: c.lease, DeadLimit: c.deadLimit, DeadBytes: c.deadBytes,
	}
	for _, r := range o.Routes() {
		sub.Events = append(sub.Events, r.Event)
		sub.Emits = append(sub.Emits, r.Emits...)
		if r.GiveUp != nil {
			sub.Emits = append(sub.Emits, r.GiveUp.Emits...)
		}
	}
	sub.Events = append(sub.Events, o.TimerTypes()...)
	sub.Emits = append(sub.Emits, o.UndoTypes()...)
	return sub
}
