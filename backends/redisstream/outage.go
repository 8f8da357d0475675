package redisstream

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/runtime/contract"
)

// outage tells whether the server of a partition serves. While it does not, calls for the partition
// are put off, so that they do not keep the other partitions of a consumer waiting. Each failure in
// a row puts them off for longer; the first success ends that.
type outage struct {
	any atomic.Bool // there is a failure; read without the lock by every call

	mu       sync.Mutex
	failures int       // in a row
	until    time.Time // calls are put off until then
	err      error     // the last failure
	told     bool      // the log has a line that the partition is down
}

// Bounds of how long calls are put off. toldFrom is how many failures in a row are told: fewer are a
// connection that was cut.
const (
	minPutOff = 20 * time.Millisecond
	maxPutOff = time.Second
	toldFrom  = 3
)

// noteCall takes in how a call of the partition's server ended. A caller's own end says nothing.
func (p *partition) noteCall(err error) {
	o := &p.outage
	switch {
	case err == nil && !o.any.Load():
	case errors.Is(err, contract.ErrClosed) || isOnlyContext(err):
	case isUnavailable(err):
		o.noteFailure(p, err)
	default:
		o.noteEnd(p)
	}
}

func (o *outage) noteFailure(p *partition, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.any.Store(true)
	o.err = err
	o.failures++
	o.until = time.Now().Add(jitterWait(min(minPutOff<<min(o.failures, 8), maxPutOff)))
	if o.failures == toldFrom && len(p.b.partitions) > 1 {
		o.told = true
		p.b.log.Warn("redis: a partition is down; the others go on", "partition", p.number, "error", p.node.explainError(err))
	}
}

func (o *outage) noteEnd(p *partition) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.any.Store(false)
	o.failures, o.until, o.err = 0, time.Time{}, nil
	if o.told {
		o.told = false
		p.b.log.Info("redis: a partition answers again", "partition", p.number)
	}
}

// putOff returns the last failure while calls for the partition are put off, else nil. Over one
// partition none is: there is nothing else to do.
func (p *partition) putOff() error {
	o := &p.outage
	if !o.any.Load() || len(p.b.partitions) == 1 {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if time.Now().Before(o.until) {
		return o.err
	}
	return nil
}

// isMoving reports whether a call was refused because the slot of the partition is being moved to another
// node of the cluster.
func isMoving(err error) bool { return resp.HasCode(err, "TRYAGAIN", "ASK") }

// partitionError names the partition that an error is about.
type partitionError struct {
	number int
	err    error
}

func (e *partitionError) Error() string { return fmt.Sprintf("partition %d: %v", e.number, e.err) }
func (e *partitionError) Unwrap() error { return e.err }

// explainError is the node's, and names the partition where there are several.
func (p *partition) explainError(err error) error {
	explained := p.node.explainError(err)
	if explained == nil || len(p.b.partitions) == 1 || errors.As(explained, new(*partitionError)) ||
		errors.Is(explained, contract.ErrClosed) || isOnlyContext(explained) {
		return explained
	}
	return &partitionError{p.number, explained}
}
