package conn

import (
	"log/slog"
	"testing"
)

// TestTerms has connections of the clients of a term meet servers: another server ends the term, and
// refuses the connections of former clients. After many of them, all count as one.
func TestTerms(t *testing.T) {
	t.Parallel()
	n := &Node{servers: NewServers(nil, slog.New(slog.DiscardHandler))}
	for i, step := range []struct {
		term   uint64
		server string
		met    bool
		after  uint64
	}{
		{0, "", true, 0}, // the user may not ask
		{0, "a", true, 0},
		{0, "a", true, 0},
		{0, "", true, 0},
		{0, "b", false, 1}, // another server
		{0, "b", false, 1}, // by a client of the former term
		{0, "a", false, 1},
		{1, "b", true, 1},
		{1, "a", false, 2}, // the former one is another term, too
		{2, "a", true, 2},
	} {
		met, blinded := n.meetServer(step.term, step.server)
		if met != step.met || blinded || n.term.Load() != step.after {
			t.Fatalf("step %d: met %t, blinded %t, term %d afterwards; want %+v", i, met, blinded, n.term.Load(), step)
		}
	}
	refused := 0
	for _, server := range []string{"b", "a"} {
		for range maxChanges {
			met, _ := n.meetServer(n.term.Load(), server)
			if met {
				break
			}
			refused++
			server = map[string]string{"a": "b", "b": "a"}[server]
		}
	}
	if refused != maxChanges-2 { // two changes came before
		t.Errorf("%d connections were refused, want %d", refused, maxChanges-2)
	}
}
