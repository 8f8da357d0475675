// Package cputime measures in tests what code costs, whatever else the machine does meanwhile.
//
// A ratio of two durations does not do that: of a short one a loaded machine takes nothing away, while it interrupts a long one
// again and again.
package cputime

import "time"

// Of returns the processor time that this process spends while a call lasts, with what its other goroutines spend.
func Of(call func()) time.Duration {
	before := spent()
	call()
	return spent() - before
}
