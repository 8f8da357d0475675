// Package held knows what this process has leased of one organ in one partition: a [Share].
//
// It is a state machine without I/O. It sends nothing, waits for nothing, and is told the time. It has no mutex
// of its own: the owner of a Share guards all of it, entries included, by one mutex, because most calls change an
// entry and the buffer together. The fields of an [Entry] that say where it is stored are written before the
// entry is added, and need no mutex afterwards.
//
// # The states of a delivery
//
// A delivery is a message of an entry, and it has one [State] at a time:
//
//	Unread   no delivery has been made of its bytes: not yet, or they cannot be read and become a dead letter
//	Waiting  in the buffer; with order=key the server has still to say whether another delivery holds its key
//	Ready    in the buffer; with order=key no other delivery held its key when the server was asked
//	Out      with a caller, which runs it
//	Offered  out of the buffer, while a call stores it again for other processes
//	Settled  done: the server has answered its outcome
//	Aside    done: it waits in Redis until its key is free
//	Moved    done: it is stored again as an entry of its own
//	Gone     its entry belongs to this process no more, and it was not done before
//
// These are the events, with the states in which each is possible. Everywhere else it is refused, which changes
// nothing, because answers come late: an entry may be lost while a call about it is under way.
//
//	event     from                             to        it happens when
//	read      Unread                           Waiting   a delivery was made of its bytes
//	take      Waiting Ready                    Out       a Fetch gets it
//	give back Out                              Waiting   a caller releases or offers it
//	pass      Waiting                          Ready     the server says that its key is free
//	hold      Ready                            Waiting   a settle may have let its key be held since
//	set aside Waiting Ready                    Aside     the server says that its key is held
//	offer     Waiting Ready                    Offered   it waits for long, and other processes may run it
//	keep      Offered                          Waiting   no process had nothing to do
//	move      Offered                          Moved     the server has stored it again
//	settle    all but Settled Aside Moved Gone Settled   the server has answered its outcome, applied or not
//	lose      all but Settled Aside Moved Gone Gone      its entry goes back, was claimed again, or is another's
//
// A settle call that is under way is no state. The delivery stays Out until the answer comes, because a call that
// fails may be repeated, and its lease is renewed meanwhile.
//
// Invariants, which a test checks after random events:
//
//   - The buffer has a delivery exactly while that is Waiting or Ready, and once.
//   - With order=key or order=strict the buffer is in stored order. So no delivery is handed out before an older
//     one of its key that waits here.
//   - A delivery whose key is held by a settle that the server has answered is not Ready by an older answer.
//   - An entry is known by its field while one of its deliveries is neither done nor Gone.
//
// # The gate of the organ
//
// The deliveries of the buffer are handed out through a [Gate]. It keeps the [Access] that the server granted last,
// and whether that is still to be trusted. An answer that is older than a halt of this process does not open it.
//
// Begin with state.go, which has the table above as code, then read entry.go, share.go and gate.go.
package held
