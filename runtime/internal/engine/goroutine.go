package engine

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
)

// maxStack bounds the dump in which an abandoned handler's stack is looked for.
const maxStack = 1 << 20

// goroutineNumber returns the number of the calling goroutine, or 0. The runtime gives it in the head of a stack dump alone. A
// worker asks once, when it starts, so that the stack of a handler that hangs can be found later among all stacks.
func goroutineNumber() int64 {
	var b [64]byte
	fields := bytes.Fields(b[:runtime.Stack(b[:], false)])
	if len(fields) < 2 {
		return 0
	}
	n, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// stackOf returns the stack of a goroutine, or an empty string when it is not found. It stops the world for a moment:
// it is for handlers that are abandoned, which is rare. The handler's goroutine itself cannot be asked, because it
// hangs.
func stackOf(number int64) string {
	dump := make([]byte, maxStack)
	dump = dump[:runtime.Stack(dump, true)]
	for _, stack := range bytes.Split(dump, []byte("\n\n")) {
		if bytes.HasPrefix(stack, fmt.Appendf(nil, "goroutine %d ", number)) {
			return string(stack)
		}
	}
	return ""
}
