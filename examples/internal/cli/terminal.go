package cli

import (
	"os"

	"github.com/necrostack/necrogen/internal/cli/terminal"
)

// IsTerminal reports whether a file is a terminal: one that is read from, or one that can be drawn on. A Screen
// is one when its output is.
func IsTerminal(file any) bool {
	switch f := file.(type) {
	case *Screen:
		return IsTerminal(f.out)
	case above:
		return IsTerminal(f.Writer)
	}
	return os.Getenv("TERM") != "dumb" && terminal.Is(file)
}
