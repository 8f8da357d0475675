package contract

import "time"

// Policy says how an organ or a handler is run. In an OrganSpec a zero field means "not
// written": the handler's own value wins over the organ's, and the organ's over the default.
type Policy struct {
	// Retry is the number of attempts in all. Default 5.
	Retry int
	// BackoffMin and BackoffMax bound the exponential delay before a retry, which has
	// full jitter between the two. Default 100ms and 30s.
	BackoffMin, BackoffMax time.Duration
	// Timeout bounds one attempt. Default none.
	Timeout time.Duration
	// Concurrency is the number of handlers of an organ that run at a time in this
	// process. Default 1.
	Concurrency int
	// BreakerCount failures in a row pause the organ in this process for BreakerPause;
	// one trial follows. Default none.
	BreakerCount int
	BreakerPause time.Duration
	// RateCount attempts of the organ begin in RatePer, over all processes. Default no limit.
	RateCount int
	RatePer   time.Duration
	// OnFail says what becomes of a delivery that is given up. Default Dead.
	OnFail FailAction
	// MaxHops is the highest number of hops at which an event is still handled. Default 64.
	MaxHops int
	// Order says what a failing delivery holds back. Default OrderFirstAttempts.
	Order OrderMode
	// Exclusive lets one process at a time run the organ.
	Exclusive bool
	// Lanes is how many lanes the deliveries are spread over, each of which one process owns at a time: from 1, which is
	// no lanes, to MaxLanes. Above 1 it needs OrderKey or a state.
	Lanes int
	// Pack bounds the events that a backend may store in one entry; 1 turns packing off.
	// Zero is the backend's default.
	Pack int
	// Prefetch bounds the deliveries that a process has fetched and not started. Zero lets
	// the speed of the handlers decide.
	Prefetch int
	// BatchCount events at most are handed to a batch handler together, and BatchWait is the longest wait for them. A count
	// of 0 hands out one at a time. Other handlers take one, whatever it is.
	BatchCount int
	BatchWait  time.Duration
}

// FailAction says what becomes of a delivery that is given up.
type FailAction int

const (
	// Dead keeps it as a dead letter. It is the default.
	Dead FailAction = iota + 1
	// Drop lets it go; it is counted and logged.
	Drop
	// Halt keeps it as a dead letter and pauses the organ for all processes in the same
	// step. Run then stops with a *HaltedError.
	Halt
)

// OrderMode says what a failing delivery holds back.
type OrderMode int

const (
	// OrderFirstAttempts starts first attempts in order; a retry may run after its
	// successors. It is the default.
	OrderFirstAttempts OrderMode = iota
	// OrderKey lets a failing delivery hold back those behind it with the same key.
	OrderKey
	// OrderStrict lets a failing delivery hold back everything behind it.
	OrderStrict
)
