package redisstream_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// inLanes is a subscription of an organ with lanes.
func inLanes(lanes int, lease time.Duration) contract.Subscription {
	s := sub("in", &Step{})
	s.Order, s.Lanes, s.Lease = contract.OrderKey, lanes, lease
	return s
}

// laneWatch watches the handlers of several processes: those of a key run one after another, in stored order.
type laneWatch struct {
	*rig
	mu      sync.Mutex
	running map[string]bool
	next    map[string]int
	failed  map[int]bool
	done    int
	worked  map[string]bool // processes that have handled something
}

// process runs an organ with lanes until it is stopped. Every seventh event fails once.
func (o *laneWatch) process(name string, lanes int, options ...redisstream.Option) (stop func()) {
	policy := contract.Policy{Order: contract.OrderKey, Lanes: lanes, Concurrency: 4, BackoffMin: time.Millisecond, BackoffMax: 5 * time.Millisecond}
	work := newOrgan("in", policy, on(func(_ context.Context, s *Step, _ func(contract.Event)) error {
		o.begin(name, s)
		time.Sleep(time.Millisecond)
		return o.end(s)
	}))
	return o.run(o.spine(o.open(options...), necro.WithOrgans(work), necro.WithLease(2*time.Second)))
}

func (o *laneWatch) begin(name string, s *Step) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.worked[name] = true
	if o.running[s.Key] {
		o.Errorf("two handlers of key %s run at a time", s.Key)
	}
	if want := o.next[s.Key]; s.N/100 != want {
		o.Errorf("key %s: %s handles %d, want %d", s.Key, name, s.N/100, want)
	}
	o.running[s.Key] = true
}

func (o *laneWatch) end(s *Step) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.running, s.Key)
	if s.N%7 == 0 && !o.failed[s.N] {
		o.failed[s.N] = true
		return errors.New("the first attempt fails")
	}
	o.next[s.Key]++
	o.done++
	return nil
}

func newLaneWatch(t *testing.T) *laneWatch {
	return &laneWatch{rig: share(t), running: map[string]bool{}, next: map[string]int{}, failed: map[int]bool{}, worked: map[string]bool{}}
}

// publishRounds publishes events of many keys, one of each key in a round.
func (o *laneWatch) publishRounds(b contract.Backend, first, rounds, keys int) {
	for n := first; n < first+rounds; n++ {
		var msgs []contract.Message
		for k := range keys {
			msgs = append(msgs, message(&Step{N: n*100 + k, Key: fmt.Sprint("k", k)}))
		}
		o.publish(b, msgs...)
	}
}

func (o *laneWatch) untilDone(n int) {
	o.Helper()
	o.until(fmt.Sprint(n, " are handled"), func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		return o.done >= n
	})
}

// TestLanesKeepTheOrderOfProcesses lets processes join and leave while events of 30 keys come.
func TestLanesKeepTheOrderOfProcesses(t *testing.T) {
	t.Parallel()
	o := newLaneWatch(t)
	o.bind(inLanes(16, 2*time.Second))
	publisher := o.open()
	const keys, rounds, each = 30, 6, 10
	leave := o.process("0", 16)
	for i := range rounds {
		o.publishRounds(publisher, i*each, each, keys)
		joined := o.process(fmt.Sprint(i+1), 16)
		o.untilDone(i * each * keys / 2)
		leave()
		leave = joined
	}
	o.untilDone(rounds * each * keys)
	leave()
	same(o.rig, "entries", o.len("q:in"), 0)
	same(o.rig, "entries in front", o.len("first:in"), 0)
}

// TestLanesAreShared lets three processes have the lanes of one, and two of them the lanes of the third that leaves.
func TestLanesAreShared(t *testing.T) {
	t.Parallel()
	o := newLaneWatch(t)
	leave := o.process("a", 16)
	o.until("all are one's", func() bool { return o.owners() == "16" })
	o.process("b", 16)
	o.until("each has a half", func() bool { return o.owners() == "8 8" })
	o.process("c", 16)
	o.until("each has a third", func() bool { return strings.Contains("5 5 6 5 5", o.owners()) && len(o.owners()) == 5 })
	leave()
	o.until("each has a half again", func() bool { return o.owners() == "8 8" })
}

// owners counts the lanes of each owner.
func (o *laneWatch) owners() string {
	counts := map[string]int{}
	for field, row := range o.redis.HGetAll(o.ctx, o.key("lane:in")).Val() {
		if owner, _, _ := strings.Cut(row, " "); field >= "0" && field <= "9~" && owner != "-" {
			counts[owner]++
		}
	}
	var list []string
	for _, n := range counts {
		list = append(list, fmt.Sprint(n))
	}
	return strings.Join(list, " ")
}

// TestLanesOfAKilledProcess lets a process die with deliveries of lanes in its hands. Who takes the
// lanes suspects them, and nothing that has come since. The dead process settles nothing any more, and what it lost the reply
// to is applied once.
func TestLanesOfAKilledProcess(t *testing.T) {
	t.Parallel()
	r := share(t)
	proxy := redistest.StartProxy(t, r.server.Addr())
	s := inLanes(4, 600*time.Millisecond)
	dying := r.subscribe(r.openAt(proxy.URL()), s, sub("out", &Next{}))[0]
	r.publish(r.open(), keyedSteps("aabbc")...)
	ds := dying.take(5)
	proxy.DropReplies(1, "evalsha")
	dying.insist(ack(ds[0], next(ds[0])))
	_, err := dying.Extend(r.ctx, ds)
	r.ok(err, "extend")
	proxy.Refuse(true)
	proxy.Cut()
	r.publish(r.open(), keyedSteps("d")...)
	heir := r.subscribe(r.open(), s)[0]
	again := heir.take(5)
	for _, d := range again {
		if suspect := d.Key != "d"; d.Suspect != suspect {
			t.Errorf("the delivery of key %s is suspect: %t", d.Key, d.Suspect)
		}
	}
	proxy.Refuse(false)
	for _, d := range ds[1:] {
		results, err := dying.Settle(r.ctx, []contract.Outcome{ack(d, next(d))})
		if err == nil && results.IsApplied(0) {
			t.Errorf("the process that lost its lanes settles %s", d.Key)
		}
	}
	for _, d := range again {
		heir.settle(ack(d, next(d)))
	}
	r.onceEach("q:out", 6)
	same(r, "entries", r.len("q:in"), 0)
}

// keyedSteps are events with the letters of a text for keys.
func keyedSteps(keys string) []contract.Message {
	var msgs []contract.Message
	for i, key := range keys {
		msgs = append(msgs, message(&Step{N: i, Key: string(key)}))
	}
	return msgs
}

// TestLanesCostNoEntries publishes a batch of many keys for an organ with lanes: it is one entry, as without.
func TestLanesCostNoEntries(t *testing.T) {
	t.Parallel()
	r := share(t)
	r.bind(inLanes(16, time.Minute))
	r.publish(r.open(), keyedSteps("abcdefghijklmnopqrstuvwxyz")...)
	same(r, "entries", r.len("q:in"), 1)
}
