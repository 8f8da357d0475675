package necro

import (
	"slices"
	"sync"
)

// feed hands the deliveries of an organ to several workers, one at a time. Those with a
// key that is being worked on wait, so that events of equal key stay in order.
type feed struct {
	mu       sync.Mutex
	buffer   []*Delivery // fetched and not running, in stored order
	busy     map[string]bool
	fetching bool
	missed   []held        // what was handed back while a fetch was under way
	changed  chan struct{} // closed when the buffer or the keys change
}

// held says what must not run now: the events of a key, or everything with all.
type held struct {
	key string
	all bool
}

func (h held) matches(d *Delivery) bool { return h.all || h.key != "" && d.Key == h.key }

// next returns the first delivery whose key is free, or nil when the run is told to stop.
// One worker at a time fetches for all.
func (f *feed) next(o *organ, r *run) []Delivery {
	f.mu.Lock()
	defer f.mu.Unlock()
	for !r.stopping.Load() {
		if d := f.take(o); d != nil {
			return []Delivery{*d}
		}
		room := 2*o.policy.Concurrency - len(f.buffer)
		if f.fetching || room <= 0 {
			f.wait(r)
			continue
		}
		f.fetching = true
		f.mu.Unlock()
		ds := slices.Clone(o.fetch(r, room)) // workers settle on their own: memory must not be used again
		f.mu.Lock()
		back := f.add(pointers(ds))
		f.mu.Unlock()
		o.handBack(r, back)
		f.mu.Lock()
	}
	return nil
}

// add ends a fetch. It returns what must be handed back: a delivery that was leased before
// another one failed that holds it back.
func (f *feed) add(ds []*Delivery) (back []*Delivery) {
	for _, d := range ds {
		if slices.ContainsFunc(f.missed, func(h held) bool { return h.matches(d) }) {
			back = append(back, d)
		} else {
			f.buffer = append(f.buffer, d)
		}
	}
	f.fetching, f.missed = false, nil
	f.signal()
	return back
}

// take removes the first delivery that may run from the buffer.
func (f *feed) take(o *organ) *Delivery {
	for i, d := range f.buffer {
		if d.Key != "" && f.busy[d.Key] {
			continue
		}
		if d.Key != "" {
			if f.busy == nil {
				f.busy = map[string]bool{}
			}
			f.busy[d.Key] = true
		}
		f.buffer = slices.Delete(f.buffer, i, i+1)
		return d
	}
	return nil
}

// wait lets go of the mutex until something changed or the run is told to stop.
func (f *feed) wait(r *run) {
	if f.changed == nil {
		f.changed = make(chan struct{})
	}
	changed := f.changed
	f.mu.Unlock()
	select {
	case <-changed:
	case <-r.fetching.Done():
	}
	f.mu.Lock()
}

func (f *feed) signal() {
	if f.changed != nil {
		close(f.changed)
		f.changed = nil
	}
}

// done frees the keys of what a worker ran.
func (f *feed) done(ds []Delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range ds {
		delete(f.busy, ds[i].Key)
	}
	f.signal()
}

// handBack takes out of the buffer what must not run now, and keeps a fetch that is under
// way from adding more of it.
func (f *feed) handBack(h held) (ds []*Delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fetching {
		f.missed = append(f.missed, h)
	}
	f.buffer = slices.DeleteFunc(f.buffer, func(d *Delivery) bool {
		if h.matches(d) {
			ds = append(ds, d)
			return true
		}
		return false
	})
	return ds
}

// waiting returns what is fetched and not running, but for suspects: to renew the lease of
// one would mark it as started.
func (f *feed) waiting() []*Delivery {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(f.buffer), func(d *Delivery) bool { return d.Suspect })
}

// drop forgets deliveries that are not ours any more.
func (f *feed) drop(lost []*Delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.buffer = slices.DeleteFunc(f.buffer, func(d *Delivery) bool { return slices.Contains(lost, d) })
}
