package cases

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/check"
	"github.com/necrostack/necrogen/internal/gen/lock"
	"github.com/necrostack/necrogen/internal/gen/source"
	"github.com/necrostack/necrogen/internal/testkit/files"
	"github.com/necrostack/necrogen/templates"
)

// TestWorkGrowsWithTheSource: a struct costs the same however often it is held. In a chain of structs
// of which each holds the next one twice, the number of ways doubles with every level; the work, counted
// in allocations, grows with the levels alone. The last case has so many ways that a work for each
// would never end, so the first failure ends the test.
func TestWorkGrowsWithTheSource(t *testing.T) {
	root := module(t)
	for _, test := range []struct{ name, event, level string }{
		{"values", "Top L%d", "First, Second L%d"},
		{"circles", "Top L%d", "First, Second *L%d\nBack []Event"},
		{"keys", "Top map[L%d]int", "First, Second L%d"},
		{"unique", "Top []L%d `validate:\"unique,dive\"`", "First, Second L%d"},
		{"omitted", "Top L%d `msgpack:\",omitempty\"`", "First, Second L%d `msgpack:\",omitempty\"`"},
		{"pointers", "Top L%d", "A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T *L%d"},
	} {
		fields := [2]string{test.event, test.level}
		short := work(t, root, test.name, fields, 7)
		if long := work(t, root, test.name, fields, 14); long > 4*short {
			t.Fatalf("%s: %.0f allocations for 7 levels, %.0f for 14", test.name, short, long)
		}
	}
}

// work counts the allocations of checking, generating and locking one event.
func work(t *testing.T, root, name string, fields [2]string, levels int) float64 {
	dir := filepath.Join(root, fmt.Sprintf("%s%d", name, levels))
	files.Write(t, filepath.Join(dir, "event.go"), []byte(chain(fields, levels)))
	topology, diags, err := source.Load(t.Context(), dir, nil)
	if err != nil || len(diags) > 0 {
		t.Fatal(err, diags)
	}
	p := topology.Packages[0]
	return testing.AllocsPerRun(1, func() {
		if diags := check.Check(topology); len(diags) > 0 {
			t.Fatal(diags)
		}
		if _, err := templates.Emit(p); err != nil {
			t.Fatal(err)
		}
		lock.Compare(lock.Snapshot(p), lock.Snapshot(p))
	})
}

// chain declares an event that holds the first of so many structs. fields are those of the event and
// of each struct, with a verb for the number of the struct that they hold.
func chain(fields [2]string, levels int) string {
	var b strings.Builder
	b.WriteString("package deep\n\n//necro:event output\n")
	for n := levels + 1; n > 0; n-- {
		name, text := fmt.Sprintf("L%d", n), fields[1]
		if n > levels {
			name, text = "Event", fields[0]
		}
		fmt.Fprintf(&b, "type %s struct {\n%s\n}\n", name, fmt.Sprintf(text, n-1))
	}
	b.WriteString("type L0 struct{ Name string `msgpack:\",omitempty\" validate:\"required\"` }\n")
	return b.String()
}
