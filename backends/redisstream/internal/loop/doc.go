// Package loop runs the consumers of one process: the goroutines over package held, which knows what the process has
// leased, and package store, which has the atomic steps.
//
// # The model
//
// A [Process] is what one program has of a namespace. It has one [Partition] for each share of the keys, with the
// connection to the server that holds it. A partition has a queue for each organ that the process consumes, and all
// consumers of the organ in this process share that queue. A consumer is what the runtime has: it spreads calls over
// its queues, one of each partition.
//
//	Process ---< Partition ---< queue >--- consumer
//	                |             |
//	        three readers     held.Share     what is leased, and the buffer
//	          one schedule    commit         outcomes that wait for the settle call that is under way
//
// # The way of an entry
//
// An entry comes into the buffer of a queue in three ways, and all of them end in admitEntries (read.go):
//
//   - claim.go: one script looks at pause, owner and order, takes over what other processes have left behind, and reads
//     new entries of an organ whose order counts.
//   - read.go: readNew reads entries that are there already, for a Fetch that finds the buffer empty, or ahead of it.
//   - reader.go: goroutines of the partition wait in blocking reads for all queues that have nothing to do.
//
// Fetch (consumer.go) takes deliveries out of the buffer (queue.go). Settle gathers the outcomes of several callers
// (settle.go), and outcome.go turns them into the arguments of one script. Until then lease.go renews leases and hands
// entries back, offer.go gives other processes what waits behind a slow handler, aside.go moves what must wait for its
// key, and foreign.go finds entries whose ids a failover has given to others.
//
// Of an organ with lanes every process reads all entries, through a claim of its own kind (lanes.go), for which lanewake.go waits,
// and lanefilter.go leaves out the messages that are in lanes of others. laneleave.go gives lanes back, and lanemarks.go does for
// their deliveries what lease.go does for others.
//
// The schedule of a partition (schedule.go) is the goroutine for all that is due at a time: delayed events and retries,
// looks at waiting organs (look.go), leases of the buffer, signs of life, changes of bindings (turn.go), cleaning
// (clean.go).
//
// # Goroutines
//
// The first five are Workers of the process, and end with it. The others end when the server has answered.
//
//	readOn       three of each partition, from its first consumer on: the slow, the quick and the lanes' reader
//	pokeRead     one of a reader, while a read under way has to end
//	promoteOn    one of each partition, from its first consumer on
//	offerWaiting one of a queue, while deliveries wait in its buffer
//	readAhead    one of a queue, while a read ahead of the next Fetch is under way
//	freeLanes    one of a queue with lanes, while some are to be given back
//	settle       one of a queue, while outcomes wait behind a settle call that is under way
//	late calls   one for each kind of call, while a server of one of several partitions does not answer
//
// A call of the runtime works in the goroutine of its caller otherwise.
//
// # Lost replies
//
// Every call may be carried out without its reply. Each kind of call has its own answer to that:
//
//   - A read or a claim may have leased entries: the next claim sends the fields of the entries that this process knows,
//     and gets the others.
//   - A settle is repeated by the runtime: the outcomes that were applied are lost the second time, which is harmless.
//   - A release or an offer is repeated at once, because an entry that is not this process's any more is left alone.
//   - A renewal is made again before the lease is over.
//   - Binding again changes nothing.
//
// # Invariants
//
//   - A delivery is handed out only while the gate of its share is fresh and open, and each is handed out once.
//   - Every error of a read leads to a claim that asks for entries which are leased to this process without its
//     knowledge, because Redis leases an entry before its reply arrives.
//   - A script that stores messages carries the digest of the table of bindings, and is refused when that is old.
//   - Locks are taken in the order queue.reading, reader.mu, Partition.mu, queue.mu. No call is made to a server under
//     a mutex.
//
// Begin with process.go and queue.go, then follow consumer.go.
package loop
