package loop

import (
	"container/heap"
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
)

const (
	sweepEvery = time.Second     // how often a process looks for deliveries that no other process promotes
	sweepLease = 2 * time.Second // one of them does, for so long
	maxDue     = 512             // members that are moved at a time, or MaxBytes
	farAhead   = time.Minute     // later deliveries are left to the sweep, so that few times are kept
)

// Delayed events and retries wait in sorted sets of the partition, by the time of its server. Redis sends no notice when the
// time comes, so processes keep the time: each has the times that it has set itself, and one sweeps for those that were
// forgotten. A promotion is one script. It stores the members that are due for the organs that are bound then, and any
// number of processes may run it at the same time.

// schedule moves due deliveries. The process that scheduled a delivery moves it when its time has come; the deliveries of
// a process that is gone are found by the one that sweeps. Its goroutine promoteOn starts with the first consumer, and
// ends with the process. It is the only one that promotes here, and does all other work that is due at a time, too.
//
// A due time that is lost costs a second at most, because one process sweeps. So times may be left out (farAhead), and
// forgotten when a call fails.
type schedule struct {
	p    *Partition    // written by init
	wake chan struct{} // has room for one notice that the first time has changed

	mu      sync.Mutex // guards what follows
	times   times      // the first one is the next
	running bool       // promoteOn runs, until the process is closed
}

// times is a heap of the due times that this process waits for, in milliseconds of the monotonic clock.
type times []int64

// The methods of heap.Interface, for container/heap.

func (h times) Len() int           { return len(h) }
func (h times) Less(i, j int) bool { return h[i] < h[j] }
func (h times) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *times) Push(x any)        { *h = append(*h, x.(int64)) }
func (h *times) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// init makes the schedule of a partition, which has no goroutine yet.
func (s *schedule) init(p *Partition) { s.p, s.wake = p, make(chan struct{}, 1) }

// startOnce starts promoteOn, unless it runs. It may be called under the mutex of the partition.
func (s *schedule) startOnce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running {
		s.running = true
		s.p.process.Workers.Go(s.promoteOn)
	}
}

// addDueTime notes that an event is due at t, and wakes promoteOn when that is the first time. The server compares in
// whole milliseconds, so the time is rounded up: an early look would find nothing.
func (s *schedule) addDueTime(t time.Time) {
	if time.Until(t) > farAhead {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := (s.p.clock.now() + time.Until(t)).Milliseconds() + 1
	if len(s.times) > 0 && s.times[0] == at {
		return
	}
	heap.Push(&s.times, at)
	if s.times[0] == at {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

// nextDue returns how long there is nothing to do, and forgets the times that are over.
func (s *schedule) nextDue() (wait time.Duration, due bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.p.clock.now().Milliseconds()
	for len(s.times) > 0 && s.times[0] <= now {
		heap.Pop(&s.times)
		due = true
	}
	if due || len(s.times) == 0 {
		return sweepEvery, due
	}
	return min(sweepEvery, time.Duration(s.times[0]-now)*time.Millisecond), false
}

// promoteOn is the goroutine of the schedule. It promotes until the process is closed. It also tells that the consumers
// are alive, and keeps the leases of entries that they have not fetched yet, however much is due: one page is moved
// between two looks at the rest. The times of its last rounds are its own.
func (s *schedule) promoteOn() {
	ctx := s.p.process.Done
	// When each round was made last; the first ones are made at once.
	var kept, swept, spoke, looked time.Time
	more := false
	for turn := 0; ctx.Err() == nil; {
		wait, due := s.nextDue()
		if s.p.OpenOnce(ctx) != nil { // its organs are still to be bound
			s.sleepUntilDue(ctx, conn.JitterWait(sweepEvery))
			continue
		}
		// A page at a time: the rounds below are made between two pages, so that a backlog of due deliveries costs no
		// leases.
		if due || more {
			more = s.promoteDue(ctx, "")
		} else {
			s.sleepUntilDue(ctx, min(wait, s.leasePatience(), s.p.lookEvery()))
		}
		if time.Since(looked) >= s.p.lookEvery() {
			looked = time.Now()
			s.p.lookAround(ctx)
		}
		if time.Since(kept) >= s.leasePatience() {
			kept = time.Now()
			for _, q := range s.p.sortedQueues() {
				q.keepLeases(ctx)
			}
		}
		if time.Since(spoke) >= liveEvery {
			spoke = time.Now()
			s.p.speakForAll(ctx)
		}
		if time.Since(swept) >= sweepEvery {
			// The random delay keeps processes that have started together from sweeping in step.
			swept = time.Now().Add(rand.N(sweepEvery / 4))
			more = s.promoteDue(ctx, s.p.process.Name) || more
			s.p.settleBindings(ctx)
			if turn++; turn%cleanEvery == 0 {
				s.p.cleanUp(ctx, turn/cleanEvery)
			}
		}
	}
}

// sleepUntilDue waits, or until something is due earlier.
func (s *schedule) sleepUntilDue(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.wake:
	case <-ctx.Done():
	}
}

// leasePatience returns how long leases may go unattended: a sixth of the shortest one.
func (s *schedule) leasePatience() time.Duration {
	wait := sweepEvery
	for _, q := range s.p.sortedQueues() {
		q.mu.Lock()
		wait = min(wait, max(q.sub.Lease/6, 5*time.Millisecond))
		q.mu.Unlock()
	}
	return wait
}

// promoteDue moves as many due deliveries as go in one step, and reports whether there are more. With a sweeper the look is
// at all of the schedule, if that process sweeps. The next sweep finds those of a failed call.
func (s *schedule) promoteDue(ctx context.Context, sweeper string) (more bool) {
	p := s.p
	request := store.DueRequest{Keys: p.Keys(), Limit: maxDue, Bytes: message.MaxBytes, Sweeper: sweeper, Lease: sweepLease}
	due, err := request.ReadReply(p.RunCall(ctx, request.Call()))
	if err != nil {
		p.process.Log.Debug("redis: cannot look at the schedule", "error", err)
		return false
	}
	following := due.Next
	if len(due.Organs) > 0 {
		if following, err = p.MoveDue(ctx, due.Organs); err != nil {
			p.process.Log.Warn("redis: cannot deliver events that are due: the next look tries again", "error", p.ExplainError(err))
			return false
		}
	}
	if following > 0 { // also who sweeps keeps the time: the process that has delayed an event may not run organs
		s.addDueTime(time.Now().Add(following))
	}
	return following == 0
}

// MoveDue has members of the schedule stored for their organs, and returns in how long the next one is due; 0 when more of
// them are due now. Their bytes stay on the server. A member of an organ that was removed goes nowhere.
func (p *Partition) MoveDue(ctx context.Context, organs []string) (time.Duration, error) {
	var request store.PromoteRequest
	r := p.CallFresh(ctx, func(t *table.Bindings) *resp.Reply {
		rs := table.NewRoutes(p.Keys(), t)
		request = store.PromoteRequest{Keys: p.Keys(), Digest: t.Digest, Limit: maxDue, Bytes: message.MaxBytes}
		for _, organ := range organs {
			route := 0
			if strings.HasPrefix(organ, "!") {
				route = rs.DueRoute(organ) + 1
			} else if to := t.Organs[organ]; to != nil {
				route = rs.DirectRoute(to, to.HasFront()) + 1
			} else { // it was removed
				route = rs.RouteNowhere()
			}
			request.Organs = append(request.Organs, store.PromoteOrgan{Name: organ, Route: route})
		}
		request.Routes = rs.Routes
		return p.RunCall(ctx, request.Call())
	})
	reply, err := request.ReadReply(r)
	return reply.Next, err
}

// speakForAll tells the server that this process's consumers are alive. The lock speaking keeps it apart from a consumer
// that leaves, which would else be told to be alive after it has gone.
func (p *Partition) speakForAll(ctx context.Context) {
	if p.speaking.lock(ctx) != nil {
		return
	}
	defer p.speaking.unlock()
	request := store.LiveRequest{Keys: p.Keys(), TTL: liveFor}
	for _, q := range p.sortedQueues() {
		request.Members = append(request.Members, q.liveMember())
	}
	if len(request.Members) > 0 {
		p.RunCall(ctx, request.Call()) // the next call comes long before the members count as gone
	}
}
