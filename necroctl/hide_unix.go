//go:build unix

package necroctl

import (
	"os"
	"os/exec"
)

// hideTyping switches the echo of a terminal off, until show is called.
func hideTyping(f *os.File) (show func(), err error) {
	if err := runStty(f, "-echo"); err != nil {
		return nil, err
	}
	return func() { runStty(f, "echo") }, nil
}

// runStty runs stty, which is a part of POSIX and spares a dependency.
func runStty(f *os.File, arg string) error {
	cmd := exec.Command("stty", arg)
	cmd.Stdin = f
	return cmd.Run()
}
