package loop

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
)

// serverClock keeps the difference between the clock of a partition's server and the monotonic clock of this process.
// The server's clock may be set while the process runs; the monotonic one may not. Idle times of leases go by the
// server's clock: after a step forward all of them seem to have run out, so a claim tells the most that the clock can
// show, and takes nothing over when it shows more. The scripts find a step back by themselves (see lib.lua).
//
//	unknown --a sighting--> known --a claim was refused--> unsure --a sighting--> known
//
// Only in the state known a claim tells a bound. A refused claim may have met a slow network instead of a step, so the
// next one is carried out in any case, and brings the sighting that decides.
//
// Invariant: a step that is larger than clockSlack is counted in the partition once, by whichever process sees it first,
// and all leases begin again with it.
type serverClock struct {
	mu     sync.Mutex    // guards all below
	known  bool          // there was a sighting
	ahead  time.Duration // of the monotonic clock, at the most, as measured last
	steps  string        // the steps that the partition has counted by then
	sent   time.Duration // when the call was sent that told it, by the monotonic clock
	unsure bool          // a claim was refused: the next one is not, however slow the network is
}

// clockSlack is how far the server's clock may be set, or drift between two looks, without a word.
const clockSlack = time.Second

// clockBegin is where the monotonic clock of this package begins.
var clockBegin = time.Now()

// now returns the time by the monotonic clock.
func (c *serverClock) now() time.Duration { return time.Since(clockBegin) }

// latestTime returns the latest time that the server's clock can show now, since 1970; 0 when that is not known.
func (c *serverClock) latestTime() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known || c.unsure {
		return 0
	}
	return c.now() + c.ahead + clockSlack
}

// doubtSighting has the next claim be carried out whatever the clock shows, after one was refused for it.
func (c *serverClock) doubtSighting() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unsure = true
}

// sighting is what the server said of its clock, between two readings of the monotonic one.
type sighting struct {
	shows          time.Duration // since 1970
	steps          string
	sent, received time.Duration
}

// takeSighting takes in a sighting. It returns by how much the clock was set since the last one (0: it was not),
// and whether the partition has not counted that yet.
func (c *serverClock) takeSighting(s sighting) (by time.Duration, news bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	// The clock was read between sent and received. So shows-received is the least that it can be ahead, and shows-sent
	// the most. Only a difference that no delay of the network explains is a step.
	switch {
	case s.sent < c.sent: // another call has told more recently
		return 0, false
	case !c.known:
	case s.shows-s.received > c.ahead+clockSlack:
		by = s.shows - s.received - c.ahead
	case s.steps != c.steps:
		by = s.shows - s.sent - c.ahead
	}
	if by > 0 && s.steps == c.steps {
		return by, true
	}
	c.known, c.ahead, c.steps, c.sent, c.unsure = true, s.shows-s.sent, s.steps, s.sent, false
	return by, false
}

// seeClock takes in the sighting that a script returns, whose call began at sent. A step that no process has noted yet is
// noted: from then on all leases begin again. The note is a script, which returns a sighting as well. Its count of steps is
// another one, so the second look finds the step noted.
func (p *Partition) seeClock(ctx context.Context, sent time.Duration, said string) error {
	s := sighting{sent: sent, received: p.clock.now()}
	var millis int64
	if _, err := fmt.Sscan(said, &millis, &s.steps); err != nil {
		return resp.ErrShape
	}
	s.shows = time.Duration(millis) * time.Millisecond
	by, news := p.clock.takeSighting(s)
	if by != 0 && !news {
		p.process.Log.Warn("redis: the server's clock was set: leases start again, and delayed events and retries keep their times",
			"partition", p.Number, "by", by.Round(time.Millisecond))
	}
	if !news {
		return nil
	}
	sent = p.clock.now()
	request := store.StepRequest{Keys: p.Keys(), Steps: s.steps, By: by}
	noted, err := request.ReadReply(p.RunCall(ctx, request.Call()))
	if err != nil {
		return err
	}
	if noted.Clock == said { // cannot be: the script counts
		return resp.ErrShape
	}
	return p.seeClock(ctx, sent, noted.Clock)
}
