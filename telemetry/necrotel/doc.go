// Package necrotel gives the spans and the metrics of a spine to OpenTelemetry. It is a module of its own, so that
// only programs that import it depend on OpenTelemetry.
//
//	trace.go     spans: one for each publish, one for each call of a handler
//	chain.go     which chains are sampled, and what a handler of the others sees
//	carrier.go   how a trace travels: in the headers of envelopes
//	metrics.go   the metrics of package necroprom, through OpenTelemetry
//
// Spans and their attributes follow the semantic conventions for messaging. The destination is
// the event's name, the consumer group is the organ, the conversation is the chain.
package necrotel
