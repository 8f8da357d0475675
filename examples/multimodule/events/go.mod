module github.com/necrostack/necrogen/examples/multimodule/events

go 1.26.0

tool github.com/necrostack/necrogen/cmd/necrogen

require github.com/necrostack/necrogen v0.0.0

require (
	github.com/dave/jennifer v1.7.1 // indirect
	github.com/rogpeppe/go-internal v1.16.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/tools v0.52.0 // indirect
)

// A project of your own leaves this out, and names a version above.
replace github.com/necrostack/necrogen => ../../..
