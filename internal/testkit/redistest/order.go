package redistest

import (
	"strings"
	"testing"
	"time"
)

// mustSend sends a command that must succeed.
func mustSend(tb testing.TB, s *Server, command string) {
	tb.Helper()
	if _, err := askServer(s.Addr(), command); err != nil {
		tb.Fatalf("%s: %v", command, err)
	}
}

// awaitReply repeats a command until its reply holds all of some texts.
func awaitReply(tb testing.TB, s *Server, command string, texts ...string) {
	tb.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		reply, err := askServer(s.Addr(), command)
		missing := ""
		for _, text := range texts {
			if !strings.Contains(reply, text) {
				missing = text
			}
		}
		if err == nil && missing == "" {
			return
		}
		if time.Now().After(deadline) {
			tb.Fatalf("%s: no %q within %v: %q, %v", command, missing, patience, reply, err)
		}
	}
}
