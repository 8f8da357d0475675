// Package check judges the model: it turns what users wrote into diagnostics. One file holds
// one family of rules, and every rule is a function over the model.
//
//	directives.go  verbs and targets
//	targets.go     what to do about a wrong target
//	words.go       names, keys and flags
//	apart.go       values that spaces part from their keys
//	events.go      names, versions, keys, methods
//	upcasts.go     the chain of versions
//	organs.go      names and handlers of organs
//	states.go      which organ keeps which state, and how long
//	aliases.go     former names
//	handlers.go    signatures, with handlerorder.go and handlerparams.go
//	policies.go    values and contradictions
//	fields.go      struct tags and wire names
//	shapes.go      what can be encoded: the table of types that are not supported yet
//	rules.go       validate tags: levels, alternatives, what fits; with ruleparams.go, rulefields.go
//	               for other fields and rulevariable.go for patterns
//	names.go       collisions with generated names
//	rejects.go     what not to say since it follows from another mistake
//	refer.go       types that a signature names
//	typeerror.go   what to do about a type error
package check
