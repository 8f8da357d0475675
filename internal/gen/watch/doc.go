// Package watch notices when a file that matters to the generator is saved. It looks at the
// folders again and again, which works on every system and every file system, network mounts
// and containers included.
//
//	watcher.go   waits for changes
//	snapshot.go  what the files are like at one time
//	modules.go   in which folders they are
package watch
