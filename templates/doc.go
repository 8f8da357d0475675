// Package templates turns the model into generated Go files. It is the only importer
// of jennifer; every file of this folder writes one section of the generated code.
//
// Validators are validate.go for a struct, level.go for the rules of a value in their order, dive.go for the
// elements of a container, rule.go for one rule, and a file for each form of rules in the table of package rule.
// They are made of conditions that know their opposite (condition.go) and of forks (fork.go).
package templates
