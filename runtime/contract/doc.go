// Package contract is what package necro, generated code and backends agree on. Users' programs rarely import it: the types
// that they name every day have names in package necro as well.
//
// Generated code describes: an [EventType] says what an [Event] is called and how it is made, an [OrganSpec]
// holds a [Route] for each event that an [Organ] handles, and validators collect [Violations].
//
// A backend keeps. It takes a [Message], which is an event in its envelope, stores it as a [Delivery] for each
// [Subscription] that is bound to the event, leases deliveries to the [Consumer] of a process, and applies the [Outcome]
// of each as one atomic step: that is [Consumer.Settle]. Everything that may happen twice, as a fetch after a crash or
// a settle whose reply was lost, is harmless because the first settle of a delivery wins.
//
// What not every backend can do is an interface beside [Backend] and [Consumer], which the engine asks for:
//
//	OnePublisher       publishes a single message without a slice
//	PayloadBackend     stores bytes, so that the spine encodes
//	DelayingBackend    keeps events until they are due
//	ScheduleAdmin      lists those, and runs them now, for operators
//	StatefulBackend    keeps what an organ knows for each key
//	TickingBackend     keeps how far schedules have fired
//	RatingBackend      counts the attempts of organs with a rate
//	LaneBackend        gives the lanes of an organ to several processes
//	UniqueBackend      stores one event at a time of a name and a key
//	FullnessReporter   says how near its limit it is, so that organs which amplify are slowed
//	Admin              dead letters, pausing, removing, for operators
//	Inspector          bindings, stored events and findings, for operators
//	BindingInspector   the orders that organs are bound with, for operators
//	LeavingConsumer    closes within a time
//	OfferingConsumer   offers waiting deliveries to other processes
//	BoundConsumer      keeps identities and orders over releases
//	BreakerConsumer    shows the breakers of processes to operators
//
// Package backends/backendtest turns the sentences of this package into tests that every backend passes. To begin reading,
// take event.go and organ.go for generated code, and backend.go, consumer.go and outcome.go for backends.
//
// The package uses nothing of package necro.
package contract
