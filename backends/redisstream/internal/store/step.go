package store

import (
	"fmt"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var stepScript = loadScript("step", allowOOM)

// StepRequest notes that the server's clock was set forward.
type StepRequest struct {
	Keys Keys

	Steps string        // that the partition had counted when the caller looked
	By    time.Duration // how far the clock went
}

// StepReply tells the clock as it is now.
type StepReply struct {
	Clock string // what the server's clock shows, and the count of its steps
}

// Call returns the keys and arguments as step.lua reads them.
func (r *StepRequest) Call() Call {
	return Call{stepScript, []string{r.Keys.countersKey()}, []any{r.Steps, r.By.Milliseconds()}}
}

// ReadReply reads what the clock shows.
func (r *StepRequest) ReadReply(reply *resp.Reply) (StepReply, error) {
	clock := string(reply.Bulk())
	if reply.Err == nil && !isClock(clock) {
		reply.Fail(fmt.Errorf("%w: %.40q for what the clock shows", resp.ErrShape, clock))
	}
	if reply.Err != nil {
		return StepReply{}, reply.Err
	}
	return StepReply{clock}, nil
}
