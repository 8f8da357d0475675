// Package scaffold writes a first program: all of it, or nothing when something is in the way or
// can't be had.
//
//	scaffold.go  the order of things
//	program.go   the files of the smallest program, and the files in their way
//	service.go   the files of a service, which are in the folder service
//	module.go    which module they come into
//	require.go   go.mod and go.sum with necrogen in them, made beside those of the user
//	next.go      the user's next steps
package scaffold
