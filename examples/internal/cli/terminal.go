package cli

import "os"

// IsTerminal reports whether a file is a terminal: one that is read from, or one that can be
// drawn on. A Screen is one when what it writes to is.
func IsTerminal(file any) bool {
	switch f := file.(type) {
	case *Screen:
		return IsTerminal(f.out)
	case above:
		return IsTerminal(f.Writer)
	case *os.File:
		return isTerminal(f)
	}
	return false
}

func isTerminal(f *os.File) bool {
	if os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull) // a character device, too
	return err != nil || !os.SameFile(info, null)
}
