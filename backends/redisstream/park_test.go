package redisstream_test

import (
	"slices"
	"testing"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestParkIsHandedOver publishes events of two types before anybody wants them. The first organ
// gets them in order, in front of what is newer; one that comes within a minute too; nobody gets
// them twice.
func TestParkIsHandedOver(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	var parked []contract.ID
	for i := range 10 {
		m := message(&Step{N: i})
		if i%2 == 1 {
			m = message(&Next{N: i})
		}
		r.publish(b, m)
		parked = append(parked, m.ID)
	}
	same(r, "events in parks", len(r.messages(0, "park:STEP"))+len(r.messages(0, "park:NEXT")), 10)

	one := r.subscribe(b, sub("one", &Step{}, &Next{}))[0]
	newer := message(&Step{N: 10})
	r.publish(b, newer)
	one.takesIDs(append(parked, newer.ID)...)
	same(r, "parks", len(b.Health(r.ctx).Parked), 0)
	if ttl, err := r.redis.PTTL(r.ctx, r.key("park:STEP")).Result(); err != nil || ttl <= 50*time.Second || ttl > time.Minute {
		t.Errorf("what was handed over stays for %v, %v, want a minute", ttl, err)
	}

	two := r.subscribe(b, sub("two", &Step{}, &Next{}))[0]
	newest := message(&Step{N: 11})
	r.publish(b, newest)
	two.takesIDs(append(parked, newest.ID)...) // it was not there for the one in between
	one.takesIDs(newest.ID)

	r.subscribe(r.open(), sub("one", &Step{}, &Next{}), sub("two", &Step{}, &Next{}))
	one.none(20 * time.Millisecond)
	two.none(20 * time.Millisecond)

	r.do("PEXPIRE", r.key("park:STEP"), 1)
	r.until("the minute is over", func() bool { return r.do("EXISTS", r.key("park:STEP")).(int64) == 0 })
	three := r.subscribe(b, sub("three", &Step{}, &Next{}))[0]
	var others []contract.ID
	for i := 1; i < len(parked); i += 2 {
		others = append(others, parked[i])
	}
	three.takesIDs(others...)
	three.none(20 * time.Millisecond)
}

// takesIDs takes and acknowledges deliveries, in order.
func (c *consumer) takesIDs(want ...contract.ID) {
	c.r.Helper()
	for i, d := range c.take(len(want)) {
		if d.ID != want[i] {
			c.r.Errorf("delivery %d: got event %s, want %s", i, d.ID, want[i])
		}
		c.ack(d)
	}
}

// TestParkGoesToOrgansOfOneCall hands a park to all organs that one program binds to it.
func TestParkGoesToOrgansOfOneCall(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	r.publish(b, steps(0, 100)...)
	for _, c := range r.subscribe(b, sub("one", &Step{}), sub("two", &Step{})) {
		ds := c.take(100)
		r.wants(ds, upTo(100)...)
	}
	if parks := b.Health(r.ctx).Parked; len(parks) != 0 {
		t.Errorf("parked: %+v, want nothing", parks)
	}
}

// TestNewOrganMissesNothing binds an organ while others know the bindings as they were before:
// nothing that they store from then on passes it by.
func TestNewOrganMissesNothing(t *testing.T) {
	t.Parallel()
	r := share(t)
	b, one, several := r.open(), r.open(), r.open()
	c := r.subscribe(b, sub("in", &Step{}))[0]
	r.publish(one, steps(0, 1)...)
	r.publish(several, steps(1, 1)...)
	d := c.take(1)[0]
	r.bind(sub("later", &Step{}, &Next{}))
	r.publish(one, steps(2, 1)...)
	r.publish(several, steps(3, 3)...)
	c.settle(ack(d, next(d)))
	r.onceEach("q:later", 5)
	same(r, "parks", int(r.do("EXISTS", r.key("park:NEXT")).(int64)), 0)
}

// TestParkIsBoundedInBytes parks more than 16 MiB of one event. The oldest go.
func TestParkIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	const n, size = 20, 1000 << 10
	for _, m := range texts(n, size) {
		r.publish(b, m)
	}
	const kept = 16 << 20 / size
	parks := b.Health(r.ctx).Parked
	if len(parks) != 1 || parks[0].Parked != kept || parks[0].Dropped != n-kept {
		t.Errorf("parked: %+v, want %d and %d dropped", parks, kept, n-kept)
	}
	c := r.subscribe(b, sub("in", &Step{}))[0]
	// Their order is not asked for: a slow machine may read so many bytes again, and the ones behind them first.
	got := numbers(c.take(kept))
	slices.Sort(got)
	if want := upTo(n)[n-kept:]; !slices.Equal(got, want) {
		t.Errorf("deliveries: got %v, want %v", got, want)
	}
}

// TestParksAreHandedOverInPages binds an organ to parks of megabytes: each step of that moves one, so that no script takes
// long.
func TestParksAreHandedOverInPages(t *testing.T) {
	t.Parallel()
	r := alone(t)
	b := r.open()
	const n, size = 12, 1000 << 10
	for _, m := range texts(n, size) {
		r.publish(b, m)
	}
	before := r.calls()["evalsha"] + r.calls()["eval"]
	c := r.subscribe(b, sub("in", &Step{}))[0]
	if steps := r.calls()["evalsha"] + r.calls()["eval"] - before; steps < n {
		t.Errorf("%d scripts have bound the organ and handed over %d MB, want one for each", steps, n)
	}
	c.take(n)
}
