//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// commands are those of the scripts: "fulldisk" is necrogen where no file can grow beyond 4 KiB,
// so that what is longer fails in the middle, as it does on a full disk.
func commands() map[string]func() {
	return map[string]func(){"necrogen": main, "fulldisk": func() {
		signal.Ignore(syscall.SIGXFSZ) // so that the write fails, and not the process
		limit := syscall.Rlimit{Cur: 4096, Max: 4096}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			panic(err)
		}
		os.Exit(run())
	}}
}
