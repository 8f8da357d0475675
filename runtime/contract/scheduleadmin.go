package contract

import (
	"context"
	"time"
)

// ScheduleAdmin is what an operator does with the schedule of a DelayingBackend, beside Cancel. Its methods may be called
// concurrently with everything else.
type ScheduleAdmin interface {
	DelayingBackend
	// Scheduled lists at most limit events of the schedule in the order in which they are due, and of one due time in an
	// order of the backend's own. after is empty for the first page, and else the next of the page before. The last page has
	// an empty next, and may have no event. Any other may have fewer events than limit, because it ends at 1,000 events or
	// some megabytes; it has one at least. A limit below 1 counts as 1.
	//
	// A cursor stays good whatever becomes of the events in front of it: it names a place, and no event. Paging lists an
	// event that stays where it is exactly once. One that is run, cancelled, or due meanwhile is listed once or not at all.
	// A cursor that the backend did not write is an error.
	//
	// Where a part of the backend cannot be reached the page of the other parts is returned beside the error, which names
	// that part.
	Scheduled(ctx context.Context, after string, limit int) (page []ScheduledEvent, next string, err error)
	// RunScheduled makes an event due at once, and reports whether it was in the schedule. The event is routed like any
	// other that is due: once, with its own id. Until then Cancel may still take it out, and then it is not delivered.
	RunScheduled(ctx context.Context, id ID) (bool, error)
}

// ScheduledEvent is an event that waits for its time.
type ScheduledEvent struct {
	// Message is the event with its envelope. Payload holds the raw bytes, and Due is 0.
	Message Message
	// Due is when the event is routed, by the clock of the backend.
	Due time.Time
}
