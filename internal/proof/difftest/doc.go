// Package difftest compares generated codecs and validators with their references:
// vmihailenco/msgpack for the bytes, go-playground/validator for the verdicts. It is a
// module of its own, so that the reference stays out of the dependencies of users.
//
// Its packages shapes and other hold annotated structs of every supported kind. Their generated files are
// committed; go generate ./... renews them.
package difftest
