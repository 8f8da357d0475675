// Package source reads Go source into the model. It is the only importer of go/types and x/tools, and it never
// judges the source: that is the task of package check. It reports only source that it can't read at all.
//
// Its speed comes from leaving things out. Packages of the main module are type-checked from source, signatures
// only; all others come from export data. Imports that only function bodies use, files that necrogen wrote and
// packages without annotations are never looked at.
//
//	golist.go      which packages and files there are, from go list
//	source.go      read and parse the files of one package, and see which imports matter
//	closure.go     the packages that the annotated ones need
//	exports.go     export data of packages outside the main module
//	exportkey.go   the key under which it is kept
//	exportcache.go where it was found before
//	typecheck.go   go/types over them
//	syntax.go      syntax errors
//	directives.go  comments -> model.Directive
//	decls.go       annotated types -> model.Event, model.Organ
//	apart.go       names in files that are not built here
//	funcs.go       annotated functions -> model.Func, model.Handler
//	interfaces.go  interface handlers, expanded
//	foreign.go     events of other modules
//	shape.go       types -> model.Type
//	tags.go        struct tags -> wire names and rules
package source
