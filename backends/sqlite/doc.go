// Package sqlite is the backend that needs no server: events wait in one file, and outlive every crash of the process.
//
//	backend, err := sqlite.Open("shop.db")
//
// Several processes of one machine may open the same file. Each keeps every promise of the seam towards the others.
//
// # The model
//
// A delivery is a row of the table queue from the Publish or the Settle that stores it to the Settle that is done with it,
// and is never rewritten. Its id says its organ and its place in the stored order of the organ. Which deliveries are
// handed out is said by three things:
//
//	the organ's head   up to it every delivery was handed out at least once
//	the table lease    what one Fetch has handed out: one row for all of its deliveries, with their ids as bytes
//	the table back     one row for a delivery that was handed out before and is no first attempt any more
//
// so that the usual way of an event, stored, fetched, done, writes its row and deletes it, and nothing else of its own:
//
//	        Fetch                       Settle: handled, or given up
//	new -------------> leased ------------------------------------------> gone, or a dead letter
//	 (behind head)       |  ^
//	                     v  | Fetch
//	                    back: ready, or until a retry is due, or behind a failed delivery of its key
//
// # One writer
//
// All that changes the file is a job of one goroutine, the [writer], on one connection. Jobs that wait at a time share one
// transaction and its sync. The transaction is immediate: it has the lock of the file from its beginning, and nothing it
// reads changes until its end. What the small tables say is remembered between transactions (known.go), and read again
// when SQLite's data_version shows that another process has committed. A transaction that fails takes back all of its
// changes to memory as well, and its jobs run again one by one.
//
// Beside the writer there are two connections that only read: one for operators and health, and one for the watcher, which
// notices commits of other processes, wakes calls that wait, and says that this process is alive.
//
// # Invariants
//
//   - The fence is the lease's row. Settle, Extend and Release change it before they do anything else, and who takes a lease back
//     deletes it: what finds no row changes nothing.
//   - A job that returns an error of its own has written nothing.
//   - Only the writer's goroutine uses the known tables, the leases and the counters of organs. Other goroutines get the
//     values through atomics and channels.
//   - An organ's counters agree with its rows after every commit. So health needs to count few of them.
//   - The bytes in the file are anyone's. Tables are STRICT, every number that is read has a range, and what cannot be read
//     becomes a dead letter.
//
// # Where to begin reading
//
// Begin with writer.go, then publish.go, take.go and settle.go.
//
//	backend.go     Open, Close
//	schema.go      the tables
//	session.go     a connection and its prepared statements
//	writer.go      jobs, group commit, the lock of the file
//	transaction.go what the jobs of a commit share; store
//	known.go       the small tables, as this process remembers them
//	publish.go     Publish and the limit
//	park.go        events that no organ is bound to yet
//	later.go       events with a delay; Cancel
//	every.go       schedules: up to when each has fired
//	rate.go        the tokens of organs with a rate
//	subscribe.go   organs, names, identities and bindings
//	consumer.go    Fetch, Close
//	take.go        which deliveries a Fetch gets
//	order.go       order=strict and order=key
//	lease.go       Extend, Release, leases that run out
//	settle.go      Settle: the one atomic step
//	state.go       what organs keep for each key
//	watch.go       other processes, time, and who is alive
//	repair.go      what another program has deleted or written
//	admin.go       operators: dead letters, pause, removal
//	health.go      Health
//	inspect.go     operators: bindings, stored events, and events as they are stored
//	errors.go      which errors pass and which do not
package sqlite
