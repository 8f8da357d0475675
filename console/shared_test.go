package console

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestAnswersAreLetGo: pages of payloads stay in memory no longer than they are shown.
func TestAnswersAreLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newAnswers(callsAtOnce)
		for _, key := range []string{"a", "b"} {
			if v, err := ask(t.Context(), s, key, fresh, func(context.Context) (string, error) { return key, nil }); v != key || err != nil {
				t.Errorf("%q, %v", v, err)
			}
		}
		time.Sleep(2 * fresh)
		synctest.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.kept) > 0 {
			t.Errorf("%d answers are kept though they are too old", len(s.kept))
		}
	})
}

// TestPanicOfABackend: no other page ends with it, nor the program in which the console is mounted.
func TestPanicOfABackend(t *testing.T) {
	s := newAnswers(callsAtOnce)
	for range callsAtOnce + 1 {
		_, err := ask(t.Context(), s, "a", 0, func(context.Context) (int, error) { panic("of a driver") })
		if err == nil || !strings.Contains(err.Error(), "of a driver") {
			t.Errorf("got %v", err)
		}
	}
}
