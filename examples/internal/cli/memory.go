package cli

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
)

// PeakMemory returns the most memory in bytes that this process has held: the peak of its
// resident set where the system tells it (Linux), else what Go took from the system.
func PeakMemory() uint64 {
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		if _, line, ok := bytes.Cut(status, []byte("\nVmHWM:")); ok {
			fields := bytes.Fields(line)
			if kib, err := strconv.ParseUint(string(fields[0]), 10, 64); err == nil {
				return kib << 10
			}
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys
}
