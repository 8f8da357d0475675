package backendtest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

var laneTests = []test{
	{"LanesAreSharedEvenly", lanesAreSharedEvenly},
	{"LanesKeepTheOrderOfKeys", lanesKeepTheOrderOfKeys},
	{"LanesKeepTheOrderThroughACrash", lanesKeepTheOrderThroughACrash},
	{"LaneIsHandedOverWhenNothingIsHeld", laneIsHandedOver},
	{"LaneOfAFailedDeliveryIsHandedOver", laneOfAFailedDelivery},
	{"FormerLaneOwnerSettlesNothing", formerLaneOwner},
	{"DeclineHandsTheLaneOn", declineHandsTheLaneOn},
	{"DeclineOfAllIsCounted", declineOfAllIsCounted},
	{"LanesChangeUnderABacklog", lanesChangeUnderABacklog},
	{"LanesSpreadEventsWithoutAKey", lanesOfNoKey},
}

// keepingLanes opens a backend that keeps lanes.
func (e *env) keepingLanes() contract.Backend {
	e.Helper()
	b := asTrait[contract.LaneBackend](e, e.open(), Lanes)
	if !b.KeepsLanes() {
		e.Fatal("the backend keeps no lanes, and its harness does not say that it lacks Lanes")
	}
	return b
}

// lanes returns a new consumer, as of a process of its own, of an organ with lanes whose leases run out soon.
func (e *env) lanes(b contract.Backend, lanes int) *consumer {
	e.Helper()
	sub := e.mortalOrgan("laned", typeA)
	sub.Order, sub.Lanes = contract.OrderKey, lanes
	return e.subscribe(e.attachProcess(b), sub)[0]
}

// laneKeys returns a key of each lane.
func laneKeys(lanes int) []string {
	keys := make([]string, lanes)
	for n, found := 0, 0; found < lanes; n++ {
		key := fmt.Sprint("key ", n)
		if at := &keys[contract.LaneOf(key, contract.ID{}, lanes)]; *at == "" {
			*at, found = key, found+1
		}
	}
	return keys
}

// publishes publishes an event with a number for each key.
func (e *env) publishes(b contract.Backend, n int64, keys ...string) {
	e.Helper()
	var msgs []contract.Message
	for _, key := range keys {
		msgs = append(msgs, message(&eventA{N: n, Key: key}))
	}
	e.publish(b, msgs...)
}

// takeAll fetches with several consumers side by side until n deliveries have come in all, and returns those of each.
func (e *env) takeAll(n int, cs ...*consumer) [][]*contract.Delivery {
	e.Helper()
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	var mu sync.Mutex
	var wg sync.WaitGroup
	taken, left := make([][]*contract.Delivery, len(cs)), n
	for i, c := range cs {
		wg.Go(func() {
			for ctx.Err() == nil {
				ds, err := c.fetch(ctx, n)
				if err != nil && ctx.Err() == nil {
					e.Errorf("fetch: %v", err)
					return
				}
				mu.Lock()
				for at := range ds {
					taken[i] = append(taken[i], &ds[at])
				}
				if left -= len(ds); left <= 0 {
					cancel()
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	e.ok(e.ctx.Err(), "take deliveries")
	return taken
}

// joinAll has consumers of an organ without deliveries fetch side by side, so that all of them take part in the sharing.
func (e *env) joinAll(cs ...*consumer) {
	e.Helper()
	ctx, cancel := e.during(e.h.Unit / 2)
	defer cancel()
	var wg sync.WaitGroup
	for _, c := range cs {
		wg.Go(func() {
			if ds, err := c.fetch(ctx, 1); err == nil {
				e.Errorf("fetch: %d deliveries of an organ that has none", len(ds))
			}
		})
	}
	wg.Wait()
}

// shareLanes publishes an event of each key again and again until the consumers have as many to within one, and returns
// the consumers by the keys.
func (e *env) shareLanes(b contract.Backend, keys []string, cs ...*consumer) map[string]*consumer {
	e.Helper()
	owners, began := map[string]*consumer{}, time.Now()
	e.until("lanes are shared evenly", func() bool {
		if e.h.Virtual && time.Since(began) > 6*e.lease() {
			e.Fatal("lanes are not shared evenly")
		}
		e.joinAll(cs...)
		e.publishes(b, 0, keys...)
		counts := make([]int, len(cs))
		for i, ds := range e.takeAll(len(keys), cs...) {
			counts[i] = len(ds)
			for _, d := range ds {
				owners[d.Key] = cs[i]
			}
			cs[i].ack(ds...)
		}
		return slices.Max(counts)-slices.Min(counts) <= 1
	})
	return owners
}

// laneOfTwo has two consumers share lanes, and returns a key with the consumer that owns its lane and the other one.
func (e *env) laneOfTwo(b contract.Backend, lanes int) (key string, owner, next *consumer) {
	e.Helper()
	keys, first, second := laneKeys(lanes), e.lanes(b, lanes), e.lanes(b, lanes)
	if owner = e.shareLanes(b, keys, first, second)[keys[0]]; owner == first {
		return keys[0], owner, second
	}
	return keys[0], owner, first
}

// lanesAreSharedEvenly to within one: when consumers join, when one leaves in order, and when one falls silent.
func lanesAreSharedEvenly(e *env) {
	const lanes = 5
	b, keys := e.keepingLanes(), laneKeys(lanes)
	first := e.lanes(b, lanes)
	e.shareLanes(b, keys, first)
	second := e.lanes(b, lanes)
	joined := time.Now()
	e.shareLanes(b, keys, first, second)
	e.wantQuick("the second one's share", joined, e.lease()*3/2)
	third := e.lanes(b, lanes)
	joined = time.Now()
	e.shareLanes(b, keys, first, second, third)
	e.wantQuick("the third one's share", joined, e.lease()*3/2)
	second.close()
	left := time.Now()
	e.shareLanes(b, keys, first, third)
	e.wantQuick("the share of one that left", left, e.lease()/2)
	e.wait(e.lease() + e.units(1)) // the first one is silent from now on
	silent := time.Now()
	e.shareLanes(b, keys, third)
	e.wantQuick("the share of one that is silent", silent, e.lease()/2)
}

// laneJournal knows the number that each key goes on with, and the consumer that works on each.
type laneJournal struct {
	e       *env
	crashes bool // a delivery may come again though it was done

	mu       sync.Mutex // guards the rest
	done     map[string]int64
	at       map[string]*consumer
	declined map[string]bool
	left     int
	finished context.CancelFunc
}

// begin notes that a consumer works on a delivery.
func (j *laneJournal) begin(c *consumer, d *contract.Delivery) {
	n := numberOf(&d.Message)
	j.mu.Lock()
	defer j.mu.Unlock()
	if other := j.at[d.Key]; other != nil && other != c && !j.crashes {
		j.e.Errorf("%s: number %d is handed out while another consumer works on the key", d.Key, n)
	}
	if done := j.done[d.Key]; n != done+1 && !(j.crashes && n == done) {
		j.e.Errorf("%s: number %d comes behind %d", d.Key, n, done)
	}
	j.at[d.Key] = c
}

// end notes that a consumer has worked on a delivery, before it settles it.
func (j *laneJournal) end(d *contract.Delivery, done bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.at, d.Key)
	if n := numberOf(&d.Message); done && j.done[d.Key] != n {
		j.done[d.Key] = n
		if j.left--; j.left == 0 {
			j.finished()
		}
	}
}

// declines reports whether a number of a key is declined now, as each fourth one is once.
func (j *laneJournal) declines(d *contract.Delivery) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	of := fmt.Sprint(d.Key, numberOf(&d.Message))
	if numberOf(&d.Message)%4 != 0 || j.declined[of] {
		return false
	}
	j.declined[of] = true
	return true
}

// work handles deliveries, most of them, until ctx ends or so many have come. Each third number fails once.
func (j *laneJournal) work(ctx context.Context, c *consumer, most int) (held []*contract.Delivery) {
	for most > 0 {
		ds, err := c.fetch(ctx, 3)
		if err != nil {
			if ctx.Err() == nil {
				j.e.Errorf("fetch: %v", err)
			}
			return nil
		}
		failed := map[string]bool{}
		for i := range ds {
			d := &ds[i]
			if failed[d.Key] {
				c.release(d)
				continue
			}
			j.begin(c, d)
			if most--; most == 0 {
				for at := range ds[i:] {
					held = append(held, &ds[i+at])
				}
				return held
			}
			j.e.wait(j.e.h.Unit / 20) // others work meanwhile
			o := ack(d)
			switch {
			case numberOf(&d.Message)%3 == 0 && d.Attempts == 0:
				o = retry(d, j.e.units(1))
			case j.declines(d):
				o = decline(d, j.e.units(1))
			}
			failed[d.Key] = o.Kind != contract.OutcomeAck
			j.end(d, !failed[d.Key])
			if counts := c.settle(o); !counts[0] && !j.crashes {
				j.e.Errorf("%s: the settle of number %d is lost", d.Key, numberOf(&d.Message))
			}
		}
	}
	return nil
}

// newLaneJournal publishes numbers from 1 on for some keys of each lane, and returns what keeps them, and a context that ends
// when all are done.
func (e *env) newLaneJournal(b contract.Backend, crashes bool) (*laneJournal, context.Context) {
	const keys, each = 10, 8
	ctx, cancel := context.WithCancel(e.ctx)
	e.Cleanup(cancel)
	for n := int64(1); n <= each; n++ {
		for key := range keys {
			e.publishes(b, n, fmt.Sprint("key ", key))
		}
	}
	return &laneJournal{
		e: e, crashes: crashes, done: map[string]int64{}, at: map[string]*consumer{}, declined: map[string]bool{},
		left: keys * each, finished: cancel,
	}, ctx
}

// lanesKeepTheOrderOfKeys over three consumers, with failures and declines, while one leaves and another one comes.
func lanesKeepTheOrderOfKeys(e *env) {
	b := e.keepingLanes()
	sub := e.organ("laned", typeA)
	sub.Order, sub.Lanes = contract.OrderKey, 4
	open := func() *consumer { return e.subscribe(e.attachProcess(b), sub)[0] }
	leaving := open()
	j, ctx := e.newLaneJournal(b, false)
	var wg sync.WaitGroup
	wg.Go(func() {
		if held := j.work(ctx, leaving, 12); held != nil {
			j.end(held[0], false)
			leaving.release(held...)
		}
		leaving.close()
		j.work(ctx, open(), 1<<30)
	})
	for range 2 {
		wg.Go(func() { j.work(ctx, open(), 1<<30) })
	}
	wg.Wait()
	e.ok(e.ctx.Err(), "handle all")
	same(e, "left", stored(e.health(b, "laned")), 0)
}

// lanesKeepTheOrderThroughACrash: a consumer falls silent with deliveries in its hands, and settles them when it is too late.
func lanesKeepTheOrderThroughACrash(e *env) {
	b := e.keepingLanes()
	crashing := e.lanes(b, 4)
	j, ctx := e.newLaneJournal(b, true)
	held := j.work(ctx, crashing, 10)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { j.work(ctx, e.lanes(b, 4), 1<<30) })
	}
	wg.Wait()
	e.ok(e.ctx.Err(), "handle all")
	for _, d := range held {
		same(e, "applied", crashing.settle(ack(d))[0], false)
	}
	e.until("all are settled", func() bool { return stored(e.health(b, "laned")) == 0 })
}

// laneIsHandedOver to a consumer that joins, when the owner holds nothing more of it.
func laneIsHandedOver(e *env) {
	b, keys := e.keepingLanes(), laneKeys(2)
	owner, joining := e.lanes(b, 2), e.lanes(b, 2) // which shares from its first Fetch on
	e.publishes(b, 1, keys...)
	e.publishes(b, 2, keys...)
	held := owner.takes(1, 1)
	for range 6 {
		joining.none(e.lease() / 3)
		same(e, "lost", len(owner.extend(held...)), 0)
	}
	owner.ack(held...)
	taken := e.takeAll(2, owner, joining)
	for i, ds := range taken {
		if len(ds) != 1 || numberOf(&ds[0].Message) != 2 {
			e.Errorf("consumer %d has %v, want the second event of one key", i, numbers(ds))
		}
	}
}

// laneOfAFailedDelivery: one that failed is in front of its key for the new owner, too, when it is due.
func laneOfAFailedDelivery(e *env) {
	b, keys := e.keepingLanes(), laneKeys(2)
	owner := e.lanes(b, 2)
	e.publishes(b, 1, keys[0])
	e.publishes(b, 2, keys[0])
	e.publishes(b, 3, keys[1])
	owner.settles(retry(owner.takes(1)[0], e.later()))
	owner.close()
	next := e.lanes(b, 2)
	next.ack(next.takes(3)...)
	next.none(e.units(2))
	d := next.takes(1)[0]
	same(e, "attempts", d.Attempts, 1)
	next.none(e.units(2))
	next.ack(d)
	next.ack(next.takes(2)...)
}

// formerLaneOwner settles nothing, neither while another consumer has the lane, nor when it has it again itself.
func formerLaneOwner(e *env) {
	b, key := e.keepingLanes(), laneKeys(2)[0]
	out := e.subscribe(b, e.organ("out", typeB))[0]
	former := e.lanes(b, 2)
	e.publishes(b, 1, key)
	e.publishes(b, 2, key)
	ds := former.takes(1, 2)
	owner := e.lanes(b, 2)
	owner.takes(1, 2)
	settlesNothing := func() {
		e.Helper()
		former.settlesNothing(ds...)
		same(e, "left", stored(e.health(b, "laned")), 2)
	}
	settlesNothing()
	owner.close()
	again := former.takes(1, 2)
	settlesNothing()
	same(e, "emitted", stored(e.health(b, "out")), 0)
	out.none(e.units(2))
	former.ack(again...)
}

// declineHandsTheLaneOn to the other consumer at once, which keeps it.
func declineHandsTheLaneOn(e *env) {
	b := e.keepingLanes()
	key, owner, next := e.laneOfTwo(b, 4)
	e.publishes(b, 1, key)
	e.publishes(b, 2, key)
	d := owner.takes(1)[0]
	owner.settles(decline(d, e.units(50_000)))
	taken := e.takeAll(2, owner, next)[1]
	if got := numbers(taken); !slices.Equal(got, []int64{1, 2}) || taken[0].Declines != 0 {
		e.Fatalf("the other consumer has %v, want the declined event and the one behind it", got)
	}
	next.ack(taken...)
}

// declineOfAllIsCounted, and has its delay.
func declineOfAllIsCounted(e *env) {
	b := e.keepingLanes()
	key, owner, next := e.laneOfTwo(b, 2)
	e.publishes(b, 1, key)
	owner.settles(decline(owner.takes(1)[0], e.units(50_000)))
	began := time.Now()
	next.settles(decline(next.takes(1)[0], e.units(2)))
	for i, ds := range e.takeAll(1, owner, next) {
		for _, d := range ds {
			same(e, "declines", d.Declines, 1)
			if took := time.Since(began); took < e.units(2) {
				e.Errorf("the event comes again after %v, want %v", took, e.units(2))
			}
			[]*consumer{owner, next}[i].ack(d)
		}
	}
}

// boundLanes returns how many lanes the organ of a consumer is bound with; want where the backend does not tell.
func boundLanes(c *consumer, want int) int {
	if bound, ok := c.Consumer.(contract.BoundConsumer); ok {
		return bound.Binding().Lanes
	}
	return want
}

// lanesChangeUnderABacklog when the last process is gone that wants the former number. An event is not handed out while a
// consumer holds an earlier one of its key that it has from the former lanes.
func lanesChangeUnderABacklog(e *env) {
	b, keys := e.keepingLanes(), laneKeys(4)
	old := e.lanes(b, 4)
	holder, free := e.lanes(b, 3), e.lanes(b, 3)
	same(e, "lanes", boundLanes(holder, 4), 4)
	e.shareLanes(b, keys, old, holder, free)
	e.publishes(b, 1, keys...)
	e.publishes(b, 2, keys...)
	taken := e.takeAll(2*len(keys), old, holder, free)
	var held, released []*contract.Delivery
	holds := map[string]bool{}
	for _, d := range taken[1] {
		if numberOf(&d.Message) == 1 {
			held = append(held, d)
			holds[d.Key] = true
		} else {
			released = append(released, d)
		}
	}
	holder.release(released...)
	free.release(taken[2]...)
	old.close()
	e.until("the new number is bound", func() bool {
		same(e, "lost", len(holder.extend(held...)), 0)
		return boundLanes(holder, 3) == 3 && boundLanes(free, 3) == 3
	})
	done := map[string]int64{}
	settle := func(c *consumer, ds []*contract.Delivery) {
		for _, d := range ds {
			if n := numberOf(&d.Message); n != done[d.Key]+1 || holds[d.Key] {
				e.Errorf("%s: number %d comes behind %d, another one is held: %t", d.Key, n, done[d.Key], holds[d.Key])
			}
			done[d.Key]++
		}
		c.ack(ds...)
	}
	others := 2 * (len(keys) - len(held))
	for others > 0 {
		ctx, cancel := e.during(e.lease() / 3)
		ds, _ := free.fetch(ctx, 1)
		cancel()
		for i := range ds {
			settle(free, []*contract.Delivery{&ds[i]})
			others--
		}
		same(e, "lost", len(holder.extend(held...)), 0)
		if len(ds) == 0 { // the rest is in lanes that the holder will have
			break
		}
	}
	clear(holds)
	settle(holder, held)
	last := e.takeAll(len(held)+others, holder, free)
	settle(holder, last[0])
	settle(free, last[1])
	same(e, "left", stored(e.health(b, "laned")), 0)
}

// lanesOfNoKey spreads events without a key by their ids, and loses none.
func lanesOfNoKey(e *env) {
	const events = 40
	b := e.keepingLanes()
	first, second := e.lanes(b, 4), e.lanes(b, 4)
	e.shareLanes(b, laneKeys(4), first, second)
	e.publish(b, messagesA(1, events)...)
	taken := e.takeAll(events, first, second)
	var all []int64
	for i, ds := range taken {
		if len(ds) == 0 {
			e.Errorf("consumer %d has none of %d events", i, events)
		}
		all = append(all, numbers(ds)...)
	}
	slices.Sort(all)
	if !slices.Equal(all, upTo(1, events)) {
		e.Errorf("got %v, want 1 to %d, once each", all, events)
	}
	first.ack(taken[0]...)
	second.ack(taken[1]...)
}
