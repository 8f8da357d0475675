//go:build unix

package necroctl

import (
	"os"
	"os/exec"
)

// hide keeps a terminal from showing what is typed, until show.
func hide(f *os.File) (show func(), err error) {
	if err := stty(f, "-echo"); err != nil {
		return nil, err
	}
	return func() { stty(f, "echo") }, nil
}

// stty is a part of POSIX, and spares a dependency.
func stty(f *os.File, arg string) error {
	cmd := exec.Command("stty", arg)
	cmd.Stdin = f
	return cmd.Run()
}
