// Package memory is the backend that needs no infrastructure: events wait in this
// process and are lost with it. It keeps every promise of the seam for as long as the
// process lives.
//
// One mutex guards everything. Workers hold it once a batch, so that only publishers take
// it for every event.
//
//	backend.go   construction, Publish, the limit at the door
//	queue.go     what waits for one organ, in stored order
//	consumer.go  Fetch, Extend, Release, Close
//	settle.go    Settle: the one atomic step
//	schedule.go  retries, declines, order=strict and order=key, leases that run out
//	park.go      events that nobody is bound to yet
//	recent.go    ids given by callers
//	admin.go     dead letters, pause, removal, health
package memory
