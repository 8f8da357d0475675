//go:build !unix

package main

// commands are those of the scripts.
func commands() map[string]func() { return map[string]func(){"necrogen": main} }
