// Package memory is the backend that needs no infrastructure: events wait in this process and are
// lost with it. It keeps every promise of the seam for as long as the process lives.
//
// # The model
//
// A [Backend] has one queue for each organ. A stored event is a delivery in the queue of every organ
// that is bound to it; the copies share the event and nothing else, so that organs never wait for
// each other. An event without an organ waits in the park of its name, and the first organ that binds
// the name gets the park.
//
// A delivery is in one place at a time, and each arrow of this picture is one step under the queue's
// mutex:
//
//	             Fetch                        Settle: handled, or given up
//	fresh ---------------> leased ---------------------------------------> gone, or a dead letter
//	                        |  |
//	   lease ran out,       |  | Settle: retry, decline
//	   Release, Close       v  v
//	again <---------------- + due ---- its time comes ----> again
//	  |  ^
//	  |  | the failed delivery of its key is settled for good
//	  v  |
//	a line (order=key)
//
// The fresh list has the deliveries that were never handed out, and the again heap those that were. The
// ready ones are the merger of both by stored order, because a delivery that comes back goes to its old place.
//
// # The way of an event
//
// [Backend.Publish] passes the door, which counts deliveries and lets publishers wait while the
// backend is full. It looks up the queues in the routing, locks them, and appends. A waiting Fetch
// wakes, takes a run of deliveries out of their chunk and leases them as one batch. Settle frees the
// lease, applies the outcome, and appends the emitted events, while it holds the mutexes of all
// queues that the outcomes touch: therefore an outcome and its emissions are one step.
//
// # Invariants
//
//   - Order of locks: the backend's mutex, then mutexes of queues by their numbers, then the door's
//     or that of a call of Tail.
//   - The routing never changes. A call that stores by a routing checks, with its mutexes held, that the
//     routing is still the current one, and begins again if not. So Subscribe, RemoveOrgan and Close,
//     which hold all mutexes, exclude every call that stores by the former routing.
//   - The door's count is the number of deliveries that are ready, leased, scheduled or in a line. A
//     publisher counts them in before it stores; a settle never waits, so that circles cannot deadlock.
//   - The fence is the tag: a chunk gets new tags each time it is used, and a slot without a batch, or
//     with the batch of another consumer, is not leased to the caller. A late Settle finds neither.
//   - No call but EachStored scans the waiting deliveries: the schedule, the again list and the leases are heaps, a key that is held
//     has a line of its own, and dead letters and waiting calls are linked lists.
//   - A record of state changes in the step that settles a delivery of its key, and in no other. Its bytes are replaced and
//     never changed, so that readers may keep them.
//   - Leases and delays go by the monotonic clock, because the wall clock may be set at any time.
//
// # Where to begin reading
//
// Begin with queue.go and its type, then consumer.go and settle.go.
//
//	backend.go   construction, Publish
//	door.go      the limit, and the publishers that wait for room
//	routing.go   which queues an event goes to, and the order of locks
//	subscribe.go organs and their queues, names and aliases
//	queue.go     the deliveries of one organ, in stored order
//	fifo.go      the fresh list
//	heap.go      the heap behind the again list, the schedule and the leases
//	chunk.go     deliveries that are stored side by side, and their leases
//	consumer.go  Fetch, Extend, Release, Close
//	settle.go    Settle: the one atomic step
//	schedule.go  retries, declines, leases that run out
//	states.go    what organs keep for each key
//	clock.go     the time by which leases and delays go
//	lane.go      lanes, and how consumers share them
//	line.go      order=strict and order=key: deliveries behind a failed one
//	waitlist.go  calls that wait
//	park.go      events that no organ is bound to yet
//	recent.go    ids given by callers
//	unique.go    unique events that are not done
//	every.go     how far schedules have fired
//	rate.go      the tokens of organs with a rate
//	letters.go   dead letters
//	admin.go     operators: dead letters, pause, removal, health
//	inspect.go   operators: bindings, what is stored
//	tail.go      operators: what is being stored
package memory
