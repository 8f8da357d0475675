// Package postgres is the backend over a PostgreSQL database, version 14 or later: no second server beside the database that is
// there already, and events that are published in your own transactions.
//
//	backend, err := postgres.Open(ctx, "postgres://app@db.example.com/shop?sslmode=verify-full")
//
// Any number of processes may open the same namespace, which is a schema. Each keeps every promise of the seam towards the
// others.
//
// # The model
//
// A delivery is a row of the table queue from the Publish or the Settle that stores it to the Settle that is done with it. The
// row is written once and deleted once. Two more tables say what else there is to say of it:
//
//	lease  who holds the delivery, by which Fetch and until when. It is unlogged: a crash of the server empties it, and
//	       every delivery is handed out again, which is the meaning of a lease
//	wait   a delivery that failed or was declined moves here until it is done, with its attempts, and with the
//	       deliveries that it holds back by the order of its organ
//
// so that the usual way of an event is two rows that are written and deleted, of which one never reaches the log:
//
//	           Fetch                        Settle: handled, or given up
//	queue ---------------> queue + lease ------------------------------------> gone, or a row of dead
//	                        ^        |  Settle: failed, or declined
//	                  Fetch |        v
//	                        '----- wait, until a retry is due
//
// Parked events, delayed events, states, chosen ids and schedules are rows of tables of their own (migrations/001_first.sql).
//
// # Statements
//
// Each call is one transaction and, as a rule, one round trip: see [Backend.transactSteps]. Its statements see what was
// committed before each of them began (READ COMMITTED), and the rest follows from that:
//
//   - Fetch takes an advisory lock of its organ, and then looks, in a statement of its own. Only a Fetch gives leases. So a
//     delivery that it finds free stays free, and it never waits for a row that a settle has locked.
//   - Settle deletes the rows of its leases first, and goes on with those that it found. That is the fence: a lease that was taken
//     back has another token, or none. A settle with states locks their rows in the order of their keys before it compares.
//   - Events are routed by a join with the table bound, so that what a process remembers of the bindings decides nothing. An event
//     that is parked while its first organ is being bound is handed over by a sweep.
//   - Transactions that only change leases and the like commit without waiting for the log, because a crash of the server
//     loses the leases anyway.
//
// # Invariants
//
//   - A token is used by one Fetch. Taking a lease back changes its row, also when the holder is the former owner of an
//     exclusive organ.
//   - Nothing waits inside of a transaction but for locks. Room is waited for outside.
//   - Statements are templates with constant texts. What varies are their parameters, and the schema, which is an identifier without
//     quotes.
//   - The bytes in the tables are anyone's. Every number that is read has a range, and what cannot be read becomes a dead letter.
//
// # Where to begin reading
//
// Begin with statement.go, then store.go, take.go and settle.go.
//
//	backend.go    Open, Close
//	connect.go    the pool, and what the server must be
//	schema.go     migrations, also as statements for an administrator
//	statement.go  steps of a transaction, and rows
//	store.go      how events are stored, for all that publish or emit
//	publish.go    Publish and the limit
//	join.go       Publish in the user's transaction
//	bindings.go   the bindings, as this process remembers them
//	subscribe.go  organs, names, identities and bindings
//	park.go       events that no organ is bound to yet
//	later.go      events with a delay, Cancel, and the schedule for operators
//	unique.go     unique events that are not done
//	rate.go       tokens of organs with a rate
//	schedule.go   ticks
//	consumer.go   Fetch, Close
//	lanes.go      who owns which lane, and which deliveries are in it
//	take.go       which deliveries a Fetch gets, and exclusive owners
//	lease.go      Extend, Release
//	settle.go     Settle: the one atomic step
//	state.go      what organs keep for each key
//	wake.go       how processes tell each other of news
//	watch.go      time, processes that are alive, and sweeping
//	admin.go      operators: dead letters, pause, removal
//	health.go     Health
//	inspect.go    what else operators see
//	errors.go     which errors pass and which do not
package postgres
