// Package sqlstore holds what the engines over SQL databases have alike beside the envelopes of their rows (package envelope):
// nothing in it knows a database.
//
//	waiters.go   calls that wait for a change
//	types.go     the types of stored events
//	binding.go   how an organ is bound, as its consumer tells it
//	messages.go  messages with their payloads
//	cursor.go    places in the schedule
//	visit.go     visits of stored events, and the loop of Tail
//	nanos.go     times as columns have them
package sqlstore
