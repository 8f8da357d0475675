// Package rule is the table of validation rules: what each is called, which values it fits,
// what its parameter is, how it is written in Go, and what a violation says. The checks, the
// generator and docs/validation.md all read this one table, so that a rule is one entry, and
// for a new predicate a function in runtime/rules.
//
//   - rule.go: what an entry says
//   - kinds.go: the kinds of values that rules tell apart
//   - table.go, and table_*.go for each group: the entries
//   - later.go: the rules of the reference that are not here
//   - read.go: the words of a validate tag
//   - zero.go: what rules say of a value that is missing
//   - document.go: the table of docs/validation.md
package rule
