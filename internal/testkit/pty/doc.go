// Package pty drives a program through a pseudo-terminal, as a person at a keyboard
// would: tests of interactive modes use it. It works on Linux; elsewhere such tests skip.
//
//	session.go    what a person does: start, type, wait for output, interrupt
//	pty_linux.go  how the system makes a terminal
//	pty_other.go  where it is not done
package pty
