// Package necro is the runtime of NecroStack: what generated code and users call.
package necro
