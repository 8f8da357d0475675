module github.com/necrostack/necrogen/examples/multimodule/organs

go 1.26.0

tool github.com/necrostack/necrogen/cmd/necrogen

// The module of the events has no release, so nothing is said of it here: go.work knows where it
// is. When it has one, "go get" writes its version here, and go.work is for who works on both.
require github.com/necrostack/necrogen v0.0.0

require (
	github.com/dave/jennifer v1.7.1 // indirect
	github.com/rogpeppe/go-internal v1.16.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/tools v0.52.0 // indirect
)

// A project of your own leaves this out, and names a version above.
replace github.com/necrostack/necrogen => ../../..
