// Package memory is the backend that needs no infrastructure: events wait in this
// process and are lost with it. It keeps every promise of the seam for as long as the
// process lives.
//
// Each organ has a queue with a mutex of its own, which workers hold once a batch, so that only
// publishers take it for every event. A call that stores looks up the queues in the routing,
// which never changes, locks them in the order of their numbers, and begins again when the routing
// is another one by then. So a Publish or a Settle is one step for whoever looks at all organs,
// and organs that have nothing to do with each other never wait for each other. The backend's own
// mutex comes first in the order: it guards the list of organs and what waits for a first one.
//
// No call scans what waits: the schedule, what is handed out again, and leases are heaps, a key
// that is held has a queue of its own, dead letters and waiting calls are linked lists.
//
//	backend.go   construction, Publish
//	door.go      the limit, and the publishers that wait for room
//	routing.go   which queues an event goes to, and the order of locks
//	queue.go     what waits for one organ, in stored order
//	fifo.go      what was never handed out
//	chunk.go     deliveries that are stored side by side, and their leases
//	consumer.go  Fetch, Extend, Release, Close
//	settle.go    Settle: the one atomic step
//	schedule.go  retries, declines, leases that run out
//	line.go      order=strict and order=key: what waits behind a failed delivery
//	park.go      events that nobody is bound to yet
//	recent.go    ids given by callers
//	letters.go   dead letters
//	admin.go     operators: dead letters, pause, removal, health
package memory
