// Package topology compares what a release of a program can read and handle with what a running system has stored, so that
// a deployment that would leave events behind is told before it is done, and a rollback as well.
//
//	file.go      a release as a file: necrogen and programs themselves write it
//	spec.go      the file of a program, from the specs of its organs
//	snapshot.go  a running system as a file
//	take.go      the snapshot of a backend
//	read.go      reads both files, whatever is in them
//	release.go   which organ, event and version a release knows
//	prove.go     compares a release with a snapshot
//	rollback.go  compares a release with the one before it
package topology
