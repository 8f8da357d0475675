package conn

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// outage tells whether the server of a partition serves. While it does not, calls for the partition
// are put off, so that they do not keep the other partitions of a consumer waiting. Each failure in
// a row puts them off for longer; the first success ends that.
//
//	serves --failure--> put off, 20 ms --failure--> put off, twice as long, up to 1 s --success--> serves
type outage struct {
	any atomic.Bool // there is a failure; written under mu, read without it by every call

	mu       sync.Mutex // guards all below
	failures int        // in a row
	until    time.Time  // calls are put off until then
	err      error      // the last failure
	told     bool       // the log has a line that the partition is down
}

// Bounds of how long calls are put off. toldFrom is how many failures in a row are told: fewer are a
// connection that was cut.
const (
	minPutOff = 20 * time.Millisecond
	maxPutOff = time.Second
	toldFrom  = 3
)

// noteCall takes in how a call of the node's server ended. The end of a caller's context says nothing.
func (n *Node) noteCall(err error) {
	switch {
	case err == nil && !n.outage.any.Load():
	case errors.Is(err, contract.ErrClosed) || isOnlyContext(err):
	case IsUnavailable(err):
		n.noteFailure(err)
	default:
		n.noteEnd()
	}
}

// noteFailure puts calls off for longer, and tells once that the partition is down.
func (n *Node) noteFailure(err error) {
	o := &n.outage
	o.mu.Lock()
	defer o.mu.Unlock()
	o.any.Store(true)
	o.err = err
	o.failures++
	o.until = time.Now().Add(JitterWait(min(minPutOff<<min(o.failures, 8), maxPutOff)))
	if o.failures == toldFrom && n.servers.hasSeveral() {
		o.told = true
		n.servers.log.Warn("redis: a partition is down; the others go on", "partition", n.number, "error", n.DescribeError(err))
	}
}

// noteEnd ends an outage.
func (n *Node) noteEnd() {
	o := &n.outage
	o.mu.Lock()
	defer o.mu.Unlock()
	o.any.Store(false)
	o.failures, o.until, o.err = 0, time.Time{}, nil
	if o.told {
		o.told = false
		n.servers.log.Info("redis: a partition answers again", "partition", n.number)
	}
}

// PutOff returns the last failure while calls for the partition are put off, else nil. Over one
// partition none is: there is nothing else to do.
func (n *Node) PutOff() error {
	o := &n.outage
	if !o.any.Load() || !n.servers.hasSeveral() {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if time.Now().Before(o.until) {
		return o.err
	}
	return nil
}
