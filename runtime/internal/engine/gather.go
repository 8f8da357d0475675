package engine

import (
	"context"
	"slices"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// A batch handler is called with what the worker has fetched. When that is less than the handler takes, the worker waits
// for more, before its batch begins. The keeper does not renew the leases of the deliveries that it holds meanwhile, so the wait
// is a third of the lease at the most.

// gatherWants returns how many deliveries the worker should have that begins with ds, and how long to wait for them; none for
// deliveries that are not handled together.
func (o *Organ) gatherWants(ds []contract.Delivery) (count int, wait time.Duration) {
	if o.together == 0 || len(ds) == 0 || o.breaker.limit > 0 && o.breaker.isOpen() {
		return 0, 0
	}
	last := &ds[len(ds)-1]
	r, _ := o.findRoute(last)
	if r == nil || !o.mayJoin(r, last) {
		return 0, 0
	}
	count, wait = r.policy.BatchCount, min(r.policy.BatchWait, o.engine.Lease/3)
	if o.Policy.Prefetch > 0 {
		count = min(count, o.Policy.Prefetch)
	}
	if rate := o.rate(); rate.Count > 0 {
		count = min(count, rate.Block())
	}
	return count, wait
}

// gatherMore waits for deliveries to be handled together with those that were fetched.
func (o *Organ) gatherMore(r *Run, ds []contract.Delivery) []contract.Delivery {
	count, wait := o.gatherWants(ds)
	if len(ds) >= count {
		return ds
	}
	ds = slices.Clone(ds)
	ctx, cancel := context.WithTimeout(r.Fetching, wait)
	defer cancel()
	for len(ds) < count {
		more, err := o.consumer.Fetch(ctx, count-len(ds))
		if err != nil || len(more) == 0 { // the next Fetch tells of trouble
			break
		}
		ds = append(ds, more...)
	}
	return ds
}

// gatherReady waits for deliveries in the feed to be handled together with the first one, in ds. The caller holds mu, and the
// keys of all that it returns are busy.
func (f *feed) gatherReady(o *Organ, r *Run, ds []contract.Delivery) []contract.Delivery {
	count, wait := o.gatherWants(ds)
	if len(ds) >= count {
		return ds
	}
	ctx, cancel := context.WithTimeout(r.Fetching, wait)
	defer cancel()
	route, _ := o.findRoute(&ds[0])
	for {
		ds = f.takeAlike(o, route, ds, count)
		if len(ds) >= count || ctx.Err() != nil {
			return ds
		}
		room := min(o.fetchSize(), count-len(ds))
		if f.fetching || f.returns > 0 || room <= 0 {
			f.waitForChange(ctx)
			continue
		}
		f.fetching = true
		f.mu.Unlock()
		more, _ := o.consumer.Fetch(ctx, room) // the next Fetch tells of trouble
		f.mu.Lock()
		back := f.endFetch(cloneDeliveries(more))
		f.startReturn(back)
		f.mu.Unlock()
		o.handBackFed(r, back)
		f.mu.Lock()
		if len(more) == 0 {
			return ds
		}
	}
}

// takeAlike takes ready deliveries of the route until there are count in ds.
func (f *feed) takeAlike(o *Organ, route *Route, ds []contract.Delivery, count int) []contract.Delivery {
	f.ready = slices.DeleteFunc(f.ready, func(d fedDelivery) bool {
		if r, _ := o.findRoute(d.Delivery); len(ds) >= count || r != route || !o.mayJoin(route, d.Delivery) {
			return false
		}
		ds = append(ds, *d.Delivery)
		return true
	})
	return ds
}
