package necrotest

import (
	"errors"
	"fmt"
)

// op is a call of the backend.
type op string

const (
	opPublish   op = "publish"
	opSubscribe op = "subscribe"
	opFetch     op = "fetch"
	opSettle    op = "settle"
	opExtend    op = "extend"
	opRelease   op = "release"
	opFiredUpTo op = "fired up to"
	opFire      op = "fire"
	opLoad      op = "load"
)

// call is a call of the backend in a run: the n-th of its kind by an organ or a program. It
// is named so, and not by its number in the run, for that survives small changes.
type call struct {
	who string
	op  op
	n   int
}

func (c call) String() string { return fmt.Sprintf("%s %s %d", c.who, c.op, c.n) }

// fault is what happens to a call.
type fault string

const (
	refused     fault = "error"
	lostReply   fault = "lost reply"
	repeated    fault = "repeated"
	leaseLost   fault = "lease lost"
	crashBefore fault = "crash before"
	crashAfter  fault = "crash after"
)

// errInjected is what a call returns that a fault strikes.
var errInjected = errors.New("necrotest: injected fault")

// strike is a fault at a call. The zero strike is none.
type strike struct {
	call
	fault
}

func (s strike) String() string { return fmt.Sprintf("%s: %s", s.call, s.fault) }

// strikesOnCall returns what can happen to a call of a program, which crashes only if it is mortal.
func strikesOnCall(c call, mortal bool) (list []strike) {
	faults := []fault{refused, lostReply, repeated}
	if c.op == opSettle {
		faults = append(faults, leaseLost)
	}
	if mortal {
		faults = append(faults, crashBefore, crashAfter)
	}
	for _, f := range faults {
		list = append(list, strike{c, f})
	}
	return list
}

// pass is a way in which all runs are made.
type pass struct {
	name  string
	limit int // of deliveries in one Fetch
}

var passes = []pass{{"one by one", 1}, {"in batches", 48}}
