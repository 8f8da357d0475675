// Package all opens a backend of any engine by its URL, for programs that leave the choice to whoever starts them:
//
//	memory:                           in this process
//	sqlite:shop.db                    in one file
//	redis://user@localhost:6379/0     on Redis; rediss:// is TLS, unix:/path/to/socket its socket
//
// It is a module of its own, because it has the dependencies of all engines: a program that needs one imports that one's
// package.
//
//	all.go      Open and its options
//	engines.go  the table of engines: a new engine is a row, and the function that opens it
package all
