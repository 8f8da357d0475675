package main

import (
	"context"
	"time"
)

// fault is one way in which something goes wrong.
type fault struct {
	name  string
	cards int // in a deck of all faults
	// strike lets it happen, and mends it. It returns whether the fault bit: something was in
	// flight that it could hurt.
	strike func(context.Context, *rig, choice) (bool, error)
}

// choice is the random choice of a strike.
type choice struct {
	who  int     // counts through whatever there are several of
	long float64 // from 0 to 1
}

// durationBetween returns a random duration.
func (c choice) durationBetween(least, most time.Duration) time.Duration {
	return least + time.Duration(c.long*float64(most-least))
}

// chooseWorker returns the slot that is struck.
func (c choice) chooseWorker(r *rig) *slot { return r.slots[c.who%len(r.slots)] }

// chooseProcess returns the slot of a worker or of a publisher.
func (c choice) chooseProcess(r *rig) *slot {
	if i := c.who % (len(r.slots) + len(r.publishers)); i >= len(r.slots) {
		return r.publishers[i-len(r.slots)]
	}
	return r.slots[c.who%(len(r.slots)+len(r.publishers))]
}

const (
	killedWorkers = "kill -9 a worker"
	killedServers = "kill -9 the server"
	frozenWorkers = "freeze a worker beyond its lease"
)

// faults are all but the flush, which forgives everything and has a run of its own.
var faults = []fault{
	{killedWorkers, 5, killWorker},
	{killedServers, 2, killServer},
	{frozenWorkers, 3, freezeWorker},
	{"freeze the server beyond the lease", 1, freezeServer},
	{"cut connections", 3, cutConnections},
	{"delay connections", 2, delayConnections},
	{"refuse connections", 1, refuseConnections},
	{"drop replies to what ran", 4, dropReplies},
	{"SCRIPT FLUSH", 1, flushScripts},
	{"CLIENT KILL TYPE normal", 1, killClients},
	{"no memory left", 1, exhaustMemory},
	{"XGROUP DESTROY", 2, destroyGroup},
}
