package redistest

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// Clock is the clock of a server, which a test sets as an operator or NTP would. Time goes on meanwhile,
// and the monotonic clock of the server is not touched.
type Clock struct{ file string }

//go:embed preload/clock.c
var clockSource string

// StartWithClock is Start with a server whose clock can be set. It compiles a few lines of C.
func StartWithClock(tb testing.TB, options ...string) (*Server, *Clock) {
	tb.Helper()
	s, c, err := launchWithClock(tb.TempDir(), options...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return s, c
}

func launchWithClock(dir string, options ...string) (*Server, *Clock, error) {
	source, library := filepath.Join(dir, "clock.c"), filepath.Join(dir, "clock.so")
	if err := os.WriteFile(source, []byte(clockSource), 0o666); err != nil {
		return nil, nil, err
	}
	if out, err := exec.Command("cc", "-shared", "-fPIC", "-O1", "-o", library, source).CombinedOutput(); err != nil {
		return nil, nil, fmt.Errorf("these tests set the clock of a server by a library in C: apt-get install gcc libc6-dev (%w)\n%s", err, out)
	}
	c := &Clock{filepath.Join(dir, "clock")}
	if err := c.Set(0); err != nil {
		return nil, nil, err
	}
	s, err := launchServer(dir, append(slices.Clone(defaults), options...), "LD_PRELOAD="+library, "CLOCK_FILE="+c.file)
	return s, c, err
}

// Set sets the clock so far ahead of the machine's, or behind it, from the next reading on.
func (c *Clock) Set(ahead time.Duration) error {
	file, err := os.OpenFile(c.file, os.O_CREATE|os.O_WRONLY, 0o666) // the server has it mapped: no truncation
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(ahead.Microseconds())), 0)
	return err
}
