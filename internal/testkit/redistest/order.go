package redistest

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// mustSend sends a command that must succeed.
func mustSend(tb testing.TB, s *Server, command string) {
	tb.Helper()
	if err := sendCommand(s, command); err != nil {
		tb.Fatal(err)
	}
}

// awaitReply repeats a command until its reply holds all of some texts.
func awaitReply(tb testing.TB, s *Server, command string, texts ...string) {
	tb.Helper()
	if err := awaitTexts(s, command, texts...); err != nil {
		tb.Fatal(err)
	}
}

// sendCommand is mustSend for programs.
func sendCommand(s *Server, command string) error {
	if _, err := askServer(s.Addr(), command); err != nil {
		return fmt.Errorf("%s: %w", command, err)
	}
	return nil
}

// awaitTexts is awaitReply for programs.
func awaitTexts(s *Server, command string, texts ...string) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		reply, err := askServer(s.Addr(), command)
		missing := ""
		for _, text := range texts {
			if !strings.Contains(reply, text) {
				missing = text
			}
		}
		if err == nil && missing == "" {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: no %q within %v: %q, %v", command, missing, patience, reply, err)
		}
	}
}
