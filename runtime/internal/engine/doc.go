// Package engine runs the organs of a spine: it fetches deliveries, calls handlers, and settles outcomes. It knows the
// contract of backends and generated code, and a few limits and functions that its user gives it ([Engine]); of options,
// publishing and middleware it knows nothing.
//
// # The way of a delivery
//
// A worker fetches a batch (next.go), which is as large as its handlers are fast, and the organ's rate allows (rate.go). Several workers of an organ share a
// feed instead, which hands them one delivery at a time, by key (feed.go). The worker runs the deliveries one after the
// other (worker.go): it finds the route of each, decodes it, calls the handler and recovers from its panics
// (deliver.go), and puts what was emitted into envelopes (outbox.go). A delivery of a timer that was stopped is not run (timer.go). So each delivery gets an outcome. Over memory the
// worker settles the outcomes of a batch by itself; over a backend that stores bytes it hands them to the settler of the
// organ, which settles while the worker goes on (settler.go). Counters and log lines follow once the backend has said
// which outcomes applied (book.go).
//
// # Goroutines
//
// Each organ has its workers, and two goroutines beside them. The watch ends handlers at their deadline, settles what
// is finished behind a slow one, and offers what waits behind it (watch.go, offer.go). The keeper renews leases (lease.go).
// The settler has a goroutine while there is something to settle. What they may do to a batch that a worker runs is
// the protocol of package batch. A [Run] waits for all of them.
//
// # Invariants
//
//   - A delivery that was fetched is in exactly one place: in the feed, in the batch of a worker, in a page of the
//     settler, or with a goroutine that offers it or hands it back. Its lease is renewed wherever it waits, but for a
//     suspect that has not started.
//   - Outcomes of a worker are settled in the order in which its deliveries ran.
//   - Code of users runs inside invokeHandler alone, where a panic becomes a failure; a failure that has left it holds
//     no value of theirs: it was frozen (failure.go).
//   - Nothing waits for the backend with a mutex held.
//
// A handler that takes several events is called once for deliveries that are next to each other (batchcall.go), for which the
// worker waits a little (gather.go).
//
// To begin reading: [Run.Start], then workBatches in worker.go.
package engine
