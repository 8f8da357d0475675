// Package check judges the model: it turns what users wrote into diagnostics. One file holds
// one family of rules, and every rule is a function over the model.
//
//	directives.go  vocabulary: verbs, keys, names, targets
//	events.go      names, versions, keys, methods
//	upcasts.go     the chain of versions
//	organs.go      names and handlers of organs
//	handlers.go    signatures
//	policies.go    values and contradictions
//	fields.go      struct tags and wire names
//	shapes.go      what can be encoded: the table of what is not supported yet
//	rules.go       validate tags
//	names.go       collisions with generated names
package check
