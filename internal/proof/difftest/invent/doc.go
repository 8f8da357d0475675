// Package invent writes random Go packages with annotations, for tests of the generator:
// legal ones of every shape that it supports, ones with a mistake at a known place, and ones
// whose directives and tags were spoilt at random.
//
//	world.go     packages that import each other, and the files that generating them needs
//	names.go     names, among them those that meet generated ones
//	types.go     types as they are written and as rules see them
//	declare.go   declared types: named, aliases, generic, with methods
//	structs.go   fields, embedding and their msgpack tags
//	rules.go     validate tags, from the table of rules
//	params.go    parameters that fit
//	events.go    events, their versions, upcasts and checks
//	organs.go    organs with their policies
//	handlers.go  handlers of every form
//	file.go      files: imports under any name, and their declarations
//	mistakes.go  declarations with a mistake, and where it is
//	spoil.go     bytes of directives and tags that are changed at random
//
// The same seed gives the same packages.
package invent
