// Package ticks fires the schedules of a spine: what //necro:every says.
//
// Each [Schedule] has a goroutine of its own, so that one whose server is down holds up no other. It asks the backend how far
// the schedule has fired, sleeps until the next tick is due by the backend's clock, decides which of the ticks that are due
// are fired (catchup.go), and asks the backend to store them and to move the schedule in one step. All processes do so, and one
// of them is first: the others learn from the reply where the schedule is by now. So a process makes one call for each tick,
// whether it fires the tick or not.
//
// A schedule that the backend does not know is moved to the present without a tick: it begins now.
package ticks
