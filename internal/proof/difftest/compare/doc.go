// Package compare holds generated codecs and validators against their references, on random values. The tests of
// package difftest use it for structs that people wrote, and a program that they generate uses it for invented
// structs.
//
//	fill.go     random values of any type
//	choose.go   scalars at which codecs and rules change their mind
//	foreign.go  values of types that reflection can't fill
//	hints.go    values that the rules of a field ask for
//	texts.go    texts for rules
//	codec.go    bytes and values, against vmihailenco/msgpack
//	sorted.go   the reference's bytes, with maps in key order
//	fields.go   the fields of a struct as the reference sees them
//	verdict.go  violations, against go-playground/validator
//	dispatch.go what routes of organs emit
//	run.go      all of it for many events, counted
package compare
