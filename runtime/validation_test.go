package necro_test

import (
	"fmt"
	"strings"
	"testing"

	necro "github.com/necrostack/necrogen/runtime"
)

// What a few kilobytes of hostile input can make of violations is bounded.
func TestViolationsAreBounded(t *testing.T) {
	levels := func(n int) (vs necro.Violations) {
		for i := range n { // as generated code does from the innermost level on
			outer := necro.Violations{}
			outer.Add("value", "min", "1", fmt.Sprint("level ", n-i))
			outer.Under("next", vs)
			vs = outer
		}
		return vs
	}
	wide := necro.Violations{}
	for i := range 100_000 {
		wide.Add(fmt.Sprint("tags[", i, "]"), "required", "", "is required")
	}
	for name, test := range map[string]struct {
		violations  necro.Violations
		count       int
		first, last string // paths
		end         string // of the text
	}{
		"three levels": {levels(3), 3, "value", "next.next.value", "next.next.value: level 3"},
		"deep":         {levels(999), necro.MaxViolations, "value", strings.Repeat("next.", 25) + "…" + strings.Repeat("next.", 24) + "value", "; there may be more"},
		"wide":         {wide, necro.MaxViolations, "tags[0]", "tags[99]", "tags[99]: is required; there may be more"},
		"long key": {necro.Violations{}, 1, "labels[" + strings.Repeat("ü", 59) + "…" + strings.Repeat("ü", 62) + "]",
			"", "]: must not be empty"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "long key" {
				test.violations.Add("labels["+strings.Repeat("ü", 1<<20)+"]", "required", "", "must not be empty")
				test.last = test.first
			}
			err := test.violations.Err("ORDER").(*necro.ValidationError)
			if got := len(err.Violations); got != test.count {
				t.Fatalf("%d violations, want %d", got, test.count)
			}
			if got := err.Violations[0].Path; got != test.first {
				t.Errorf("the first path is %q, want %q", got, test.first)
			}
			if got := err.Violations[test.count-1].Path; got != test.last {
				t.Errorf("the last path is %q, want %q", got, test.last)
			}
			if text := err.Error(); !strings.HasSuffix(text, test.end) || len(text) > 64<<10 {
				t.Errorf("a text of %d bytes ends in %q", len(text), text[max(0, len(text)-60):])
			}
		})
	}
}
