package engine

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"

	"github.com/necrostack/necrogen/runtime/contract"
)

// feed hands the deliveries of an organ to several workers, one at a time. Deliveries of one key run
// one after another in stored order, while those of other keys go past them.
//
// A delivery in the feed is in one of two places: it is ready, or it waits behind an earlier
// delivery of its key that is ready or running. So at most one delivery of a key is ready or
// running at a time, and keys has an entry for the key as long as there is one.
//
//	          endFetch                 nextReady            freeKeys
//	fetched ------------> ready ------------------> running --------> gone
//	    |                   ^                                  |
//	    |   endFetch        |  freeKey, when the one before    |
//	    +--------------> waiting   is gone  <------------------+
//
// One worker at a time fetches for all, with fetching set and mu free, so that the others go on with what is ready. A key
// that is handed back meanwhile goes into missed: deliveries of it that the fetch brings are handed back, too, because they were
// leased before the failure that holds the key was settled.
//
// mu guards all fields. Nothing calls the backend with mu held.
type feed struct {
	mu       sync.Mutex
	ready    []fedDelivery            // fetched and free to run
	keys     map[string][]fedDelivery // deliveries behind the ready or running one of a key, in stored order
	arrivals uint64                   // deliveries that were added
	count    int                      // deliveries that wait in keys
	bytes    int                      // their Payloads
	fetching bool                     // one of the workers fetches for all
	returns  int                      // hand-backs under way: a fetch beside one would bring deliveries that are stored behind
	idle     int                      // workers that wait for a delivery to become ready
	missed   []held                   // keys that were handed back while a fetch was under way
	changed  chan struct{}            // closed when a delivery becomes ready, or room is made
}

// fedDelivery is a delivery in the feed; arrival is its place in stored order. ready is when it became ready to run,
// and 0 for one that has waited for its key: its wait is that of the key.
type fedDelivery struct {
	*contract.Delivery
	arrival uint64
	ready   int64
}

// Bounds of the deliveries that wait behind keys that are worked on. Up to there the feed goes on fetching, so
// that a busy key does not keep the deliveries of other keys from the workers.
const (
	maxFeedWaiting = 1024
	maxFeedBytes   = 4 << 20
)

// held says what must not run now: the events of a key, or everything with all.
type held struct {
	key string
	all bool
}

func (h held) matchesDelivery(d *contract.Delivery) bool {
	return h.all || h.key != "" && d.Key == h.key
}

// nextReady returns the first delivery that is ready, or nil when the run is told to stop. One worker at a
// time fetches for all.
func (f *feed) nextReady(o *Organ, r *Run) []contract.Delivery {
	f.mu.Lock()
	defer f.mu.Unlock()
	for !r.stopping.Load() {
		if d := f.takeReady(); d != nil {
			return f.gatherReady(o, r, []contract.Delivery{*d})
		}
		room := o.fetchSize()
		if f.fetching || f.returns > 0 || room <= 0 {
			f.waitForChange(r.Fetching)
			continue
		}
		f.fetching = true
		f.mu.Unlock()
		ds := cloneDeliveries(o.fetchBatch(r, room))
		f.mu.Lock()
		back := f.endFetch(ds)
		f.startReturn(back)
		f.mu.Unlock()
		o.handBackFed(r, back)
		f.mu.Lock()
	}
	return nil
}

// cloneDeliveries copies a batch, one allocation for each delivery: workers settle on their own, when
// the backend may use the memory of the batch again, and one delivery that waits for long keeps
// no others alive.
func cloneDeliveries(ds []contract.Delivery) []*contract.Delivery {
	copies := make([]*contract.Delivery, len(ds))
	for i := range ds {
		d := ds[i]
		copies[i] = &d
	}
	return copies
}

// fetchRoom returns how many deliveries a fetch may ask for: as many as are wanted, less those that are ready
// already. Deliveries behind busy keys count when they reach their own bounds.
func (f *feed) fetchRoom(wanted int) int {
	if f.bytes >= maxFeedBytes && f.count >= wanted {
		return 0
	}
	return min(wanted-len(f.ready), max(wanted, maxFeedWaiting)-f.count)
}

// endFetch ends a fetch. It returns what must be handed back: a delivery that was leased before
// another one failed that holds it back.
func (f *feed) endFetch(ds []*contract.Delivery) (back []*contract.Delivery) {
	now := monotonicNanos()
	for _, d := range ds {
		if f.isMissed(d) {
			back = append(back, d)
		} else {
			f.arrivals++
			f.placeDelivery(fedDelivery{d, f.arrivals, now})
		}
	}
	f.fetching, f.missed = false, nil
	f.signalChange()
	return back
}

// isMissed reports whether a delivery that was just fetched must not run: its key was handed back during the fetch.
func (f *feed) isMissed(d *contract.Delivery) bool {
	return slices.ContainsFunc(f.missed, func(h held) bool { return h.matchesDelivery(d) })
}

// placeDelivery makes a delivery ready, or lets it wait behind its key.
func (f *feed) placeDelivery(d fedDelivery) {
	if d.Key != "" {
		if waiting, busy := f.keys[d.Key]; busy {
			f.keys[d.Key] = append(waiting, d)
			f.count, f.bytes = f.count+1, f.bytes+len(d.Payload)
			return
		}
		if f.keys == nil {
			f.keys = map[string][]fedDelivery{}
		}
		f.keys[d.Key] = nil
	}
	f.ready = append(f.ready, d)
}

// takeReady removes the first ready delivery. Its key stays busy until freeKeys: the worker that takes the delivery calls
// that when its batch has ended, in whatever way.
func (f *feed) takeReady() *contract.Delivery {
	if len(f.ready) == 0 {
		return nil
	}
	d := f.ready[0]
	f.ready[0] = fedDelivery{}
	f.ready = f.ready[1:]
	return d.Delivery
}

// freeKey ends the turn of a key: the delivery that waits for it first becomes ready, and the key's entry is removed when
// none waits, so that the map does not grow with every key that ever was.
func (f *feed) freeKey(key string) {
	waiting, busy := f.keys[key]
	switch {
	case !busy:
	case len(waiting) == 0:
		delete(f.keys, key)
	default:
		d := waiting[0]
		waiting[0] = fedDelivery{}
		f.keys[key] = waiting[1:]
		f.count, f.bytes = f.count-1, f.bytes-len(d.Payload)
		d.ready = 0
		f.ready = append(f.ready, d)
	}
}

// oldestReady returns when the first of the ready deliveries became ready that waits for a worker alone; never without one.
func (f *feed) oldestReady() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.ready {
		if f.ready[i].ready != 0 {
			return f.ready[i].ready
		}
	}
	return math.MaxInt64
}

// waitForChange lets go of the mutex until something changed or ctx ends.
func (f *feed) waitForChange(ctx context.Context) {
	if f.changed == nil {
		f.changed = make(chan struct{})
	}
	changed := f.changed
	f.idle++
	f.mu.Unlock()
	select {
	case <-changed:
	case <-ctx.Done():
	}
	f.mu.Lock()
	f.idle--
}

// signalChange wakes all workers that wait. Each looks for a delivery by itself, so a wake for nothing does no harm. The caller
// holds mu.
func (f *feed) signalChange() {
	if f.changed != nil {
		close(f.changed)
		f.changed = nil
	}
}

// freeKeys frees the keys of what a worker ran.
func (f *feed) freeKeys(ds []contract.Delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range ds {
		f.freeKey(ds[i].Key)
	}
	f.signalChange()
}

// handBack takes out of the feed what must not run now, in stored order, and keeps a fetch that is
// under way from adding more of it.
func (f *feed) handBack(h held) []*contract.Delivery {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fetching {
		f.missed = append(f.missed, h)
	}
	return f.startReturn(f.removeWhere(h.matchesDelivery))
}

// startOffer takes everything out of the feed, in stored order, and keeps the workers from fetching until
// endOffer: deliveries that they would fetch are stored behind it.
func (f *feed) startOffer() []*contract.Delivery {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fetching || f.returns > 0 || len(f.ready)+f.count == 0 {
		return nil
	}
	f.fetching = true
	return f.removeWhere(func(*contract.Delivery) bool { return true })
}

// endOffer lets the workers fetch again.
func (f *feed) endOffer() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.endFetch(nil)
}

// removeWhere takes the deliveries out of the feed for which gone reports true, and returns them in stored
// order.
func (f *feed) removeWhere(gone func(*contract.Delivery) bool) []*contract.Delivery {
	var removed []fedDelivery
	leaves := func(d fedDelivery) bool {
		if gone(d.Delivery) {
			removed = append(removed, d)
			return true
		}
		return false
	}
	f.ready = slices.DeleteFunc(f.ready, leaves)
	fromReady := removed
	for key, waiting := range f.keys {
		f.keys[key] = slices.DeleteFunc(waiting, leaves)
	}
	for _, d := range removed[len(fromReady):] {
		f.count, f.bytes = f.count-1, f.bytes-len(d.Payload)
	}
	for _, d := range fromReady {
		f.freeKey(d.Key)
	}
	slices.SortFunc(removed, func(a, b fedDelivery) int { return cmp.Compare(a.arrival, b.arrival) })
	ds := make([]*contract.Delivery, len(removed))
	for i, d := range removed {
		ds[i] = d.Delivery
	}
	return ds
}

// waitingTrusted returns the deliveries that are fetched and not running, but for suspects: to renew the lease of one
// would mark it as started.
func (f *feed) waitingTrusted() (ds []*contract.Delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	ds = appendTrusted(ds, f.ready)
	for _, waiting := range f.keys {
		ds = appendTrusted(ds, waiting)
	}
	return ds
}

// appendTrusted appends the deliveries that are no suspects.
func appendTrusted(to []*contract.Delivery, ds []fedDelivery) []*contract.Delivery {
	for _, d := range ds {
		if !d.Suspect {
			to = append(to, d.Delivery)
		}
	}
	return to
}

// dropLost forgets deliveries that are not ours any more. With byKey it returns the deliveries that wait behind them for
// their keys, which must be handed back, because the lost ones come again first.
func (f *feed) dropLost(lost []*contract.Delivery, byKey bool) (back []*contract.Delivery) {
	if len(lost) == 0 {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	gone := make(map[*contract.Delivery]bool, len(lost))
	for _, d := range lost {
		gone[d] = true
	}
	behind := map[*contract.Delivery]bool{}
	for _, d := range lost {
		for _, b := range f.waitingBehind(d) {
			if byKey && !gone[b.Delivery] {
				behind[b.Delivery] = true
			}
		}
		if byKey && f.fetching {
			f.missed = append(f.missed, held{key: d.Key})
		}
	}
	f.removeWhere(func(d *contract.Delivery) bool { return gone[d] })
	back = f.removeWhere(func(d *contract.Delivery) bool { return behind[d] })
	f.signalChange()
	return f.startReturn(back)
}

// startReturn keeps the workers from fetching until the deliveries that left the feed are handed back, and endReturn is
// called. The caller holds mu.
func (f *feed) startReturn(back []*contract.Delivery) []*contract.Delivery {
	if len(back) > 0 {
		f.returns++
	}
	return back
}

// endReturn lets the workers fetch again.
func (f *feed) endReturn() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.returns--
	f.signalChange()
}

// waitingBehind returns the deliveries that wait behind one of the feed for its key; none for a delivery that is not there.
func (f *feed) waitingBehind(d *contract.Delivery) []fedDelivery {
	is := func(other fedDelivery) bool { return other.Delivery == d }
	waiting := f.keys[d.Key]
	if slices.ContainsFunc(f.ready, is) {
		return waiting
	}
	if i := slices.IndexFunc(waiting, is); i >= 0 {
		return waiting[i+1:]
	}
	return nil
}
