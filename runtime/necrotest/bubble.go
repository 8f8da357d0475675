package necrotest

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// patience is how long, in real time, a bubble may last before its goroutines are looked at. Tests
// change it.
var patience = 10 * time.Second

// inBubble calls work in a bubble of virtual time. What a bubble cannot hold is told in words: a
// goroutine that is left over fails the test, and one that waits for something real, so that virtual
// time stands still for ever, ends the process, because nothing else ends such a wait.
func inBubble(t *testing.T, work func(t *testing.T)) {
	t.Helper()
	w := &watchdog{ended: make(chan struct{})}
	go w.watchBubble()
	defer close(w.ended)
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		left := w.bubbleGoroutines()
		if err, ok := v.(error); !ok || !strings.HasPrefix(err.Error(), "deadlock: ") || len(left) == 0 {
			panic(v)
		}
		t.Fatalf("necrotest: %v.\nEnd what the test has opened before it ends: with defer, or World.Cleanup in Exhaust.\n\n%s", v, joinStacks(left))
	}()
	synctest.Test(t, func(t *testing.T) {
		w.noteBubble()
		work(t)
	})
}

// watchdog looks at the goroutines of one bubble from outside of it.
type watchdog struct {
	bubble atomic.Pointer[string] // as goroutine dumps name it; nil before the bubble began
	ended  chan struct{}
}

// noteBubble notes in which bubble the calling goroutine is.
func (w *watchdog) noteBubble() {
	b := make([]byte, 256)
	if g := parseGoroutine(string(b[:runtime.Stack(b, false)])); g.bubble != "" {
		w.bubble.Store(&g.bubble)
	}
}

// watchBubble ends the process when the same goroutine waits for something real in two looks, and no other
// one of the bubble can go on.
func (w *watchdog) watchBubble() {
	var before []goroutine
	for {
		select {
		case <-w.ended:
			return
		case <-time.After(patience):
		}
		now := w.stuckGoroutines()
		for _, g := range now {
			if slices.ContainsFunc(before, func(b goroutine) bool { return b.stack == g.stack }) {
				panic(describeStandstill(g))
			}
		}
		before = now
	}
}

// describeStandstill says what keeps virtual time from passing.
func describeStandstill(g goroutine) string {
	return fmt.Sprintf(`necrotest: virtual time stands still for %s of real time, because goroutine %s waits for something outside of the test (%s):
a real connection, a file, or a channel or lock that was made outside. Time passes only while every goroutine waits for others of the test.
Give the organs a fake instead: an http.RoundTripper that calls the handler (httptest.NewRecorder) in place of httptest.NewServer, net.Pipe in place of a socket.

%s`, 2*patience, g.number, g.state, g.stack)
}

// stuckGoroutines returns the goroutines of the bubble that wait for something real, when none of it runs.
func (w *watchdog) stuckGoroutines() (list []goroutine) {
	for _, g := range w.bubbleGoroutines() {
		switch {
		case g.state == "running", g.state == "runnable", g.state == "syscall":
			return nil
		case !strings.Contains(g.state, "(durable)"):
			list = append(list, g)
		}
	}
	return list
}

// bubbleGoroutines returns the goroutines of the bubble.
func (w *watchdog) bubbleGoroutines() (list []goroutine) {
	bubble := w.bubble.Load()
	if bubble == nil {
		return nil
	}
	dump := make([]byte, 8<<20)
	dump = dump[:runtime.Stack(dump, true)]
	for text := range strings.SplitSeq(string(dump), "\n\n") {
		if g := parseGoroutine(text); g.bubble == *bubble {
			list = append(list, g)
		}
	}
	return list
}

// goroutine is one of a dump.
type goroutine struct {
	number, state, bubble string
	stack                 string // the dump's text, without for how long it waits
}

// parseGoroutine reads "goroutine 9 [IO wait, 2 minutes, synctest bubble 1]:" and the frames below it.
func parseGoroutine(text string) (g goroutine) {
	head, calls, _ := strings.Cut(text, "\n")
	number, rest, ok := strings.Cut(strings.TrimPrefix(head, "goroutine "), " [")
	if !ok {
		return g
	}
	parts := strings.Split(strings.TrimSuffix(rest, "]:"), ", ")
	g.number, g.state = number, parts[0]
	for _, part := range parts[1:] {
		if strings.HasPrefix(part, "synctest bubble ") {
			g.bubble = part
		}
	}
	g.stack = fmt.Sprintf("goroutine %s [%s]:\n%s", g.number, g.state, calls)
	return g
}

func joinStacks(list []goroutine) string {
	var all []string
	for _, g := range list {
		all = append(all, g.stack)
	}
	return strings.Join(all, "\n\n")
}
