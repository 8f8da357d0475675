package gateway

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"
)

// fault is the way in which a call fails.
type fault int

const (
	none    fault = iota
	down          // nothing is taken
	busy          // nothing is taken: come again later
	lost          // the message is taken, but the sender hears otherwise
	refused       // for good: the address is blocked
)

// Of the calls that fail, some are turned away for being too many, and of some only the answer
// is lost.
const (
	busyShare = 0.2
	lostShare = 0.3
)

// judgeCall decides how a call fails, after a while. It depends on the seed, the message and the number of its call
// alone, so a run can be repeated.
func (g *Gateway) judgeCall(m *Message) fault {
	call, isDown := g.countCall(m.Key)
	hash := fnv.New64a()
	hash.Write([]byte(m.Channel + "\x00" + m.To + "\x00" + m.Text))
	dice := rand.New(rand.NewPCG(g.options.Seed^hash.Sum64(), call))
	g.waitFor(time.Duration(dice.Float64() * float64(g.options.Latency)))
	switch how := dice.Float64(); {
	case isDown:
		return g.countFault(down)
	case slices.Contains(g.options.Blocked, m.To):
		g.forgetCalls(m.Key)
		return refused
	case how < g.options.Failures*busyShare:
		return g.countFault(busy)
	case how < g.options.Failures*(busyShare+lostShare):
		return g.countFault(lost)
	case how < g.options.Failures:
		return g.countFault(down)
	}
	g.forgetCalls(m.Key)
	return none
}

// waitFor waits, or until the gateway is closed.
func (g *Gateway) waitFor(d time.Duration) {
	if d == 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-g.ending:
	}
}

// countCall returns the number of this call for a message, and whether the gateway is down.
func (g *Gateway) countCall(key string) (number uint64, isDown bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls[key]++
	return g.calls[key], g.down
}

func (g *Gateway) isDown() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.down
}

func (g *Gateway) countFault(f fault) fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.counts.Failed++
	return f
}

// forgetCalls ends the counting of a message's calls, for this is the last one.
func (g *Gateway) forgetCalls(key string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.calls, key)
}
