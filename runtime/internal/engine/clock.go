package engine

import (
	"sync/atomic"
	"time"
)

// clockStart is where the monotonic clock of this package begins.
var clockStart = time.Now()

// monotonicNanos is the time since clockStart. Deadlines are kept in it: the wall clock may be set,
// by an hour too, while a handler runs.
func monotonicNanos() int64 { return int64(time.Since(clockStart)) }

// monotonicTime returns the time.Time of a monotonicNanos, with its reading of the monotonic clock.
func monotonicTime(nanos int64) time.Time { return clockStart.Add(time.Duration(nanos)) }

// clockTick is how old the time may be that a Clock tells.
const clockTick = time.Millisecond

// Clock tells the time in 2 ns where time.Now takes 47: it keeps the time that it read last and renews it
// once a tick, for as long as callers ask. The zero value is ready.
//
// nanos and asked may be read and written by any goroutine. One timer runs while nanos is not 0, started by the
// caller that made it so: CompareAndSwap lets one caller win.
type Clock struct {
	nanos atomic.Int64 // 0 while no caller asks
	asked atomic.Bool
}

// Now returns Unix nanoseconds, at most a tick old (more where timers run late). Emitted events take their time from
// it, where a tick does not matter; due times, which must not come early, are taken from time.Now.
func (c *Clock) Now() int64 {
	if n := c.nanos.Load(); n != 0 {
		if !c.asked.Load() {
			c.asked.Store(true)
		}
		return n
	}
	n := time.Now().UnixNano()
	if c.nanos.CompareAndSwap(0, n) {
		time.AfterFunc(clockTick, c.renewTime)
	}
	return n
}

// renewTime renews the time, or lets it go when no caller asked since the last tick.
func (c *Clock) renewTime() {
	if !c.asked.Swap(false) {
		c.nanos.Store(0)
		return
	}
	c.nanos.Store(time.Now().UnixNano())
	time.AfterFunc(clockTick, c.renewTime)
}
