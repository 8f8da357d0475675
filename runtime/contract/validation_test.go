package contract_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/runtime/contract"
)

// What a few kilobytes of hostile input can make of violations is bounded.
func TestViolationsAreBounded(t *testing.T) {
	levels := func(n int) (vs contract.Violations) {
		for range n { // as generated code does from the innermost level on
			inner := vs
			vs = nil
			vs.Add("value", "min", "1", "must be at least 1")
			vs.Enter("next", inner)
		}
		return vs
	}
	wide := contract.Violations{}
	for i := range 100_000 {
		wide.Add(fmt.Sprint("tags[", i, "]"), "required", "", "is required")
	}
	key := contract.Violations{}
	key.Add("labels["+strings.Repeat("ü", 1<<20)+"]", "required", "", "is required")
	elided := "labels[" + strings.Repeat("ü", 251) + "…" + strings.Repeat("ü", 254) + "]"

	for name, test := range map[string]struct {
		violations contract.Violations
		count      int
		path, rule string // of the last violation
	}{
		"three levels": {levels(3), 3, "next.next.value", "min"},
		"deep":         {levels(1000), 102, "next", "more"},
		"wide":         {wide, 1001, "", "more"},
		"long key":     {key, 1, elided, "required"},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.violations.Err("ORDER").(*contract.ValidationError)
			if got := len(err.Violations); got != test.count {
				t.Fatalf("%d violations, want %d", got, test.count)
			}
			if got := err.Violations[test.count-1]; got.Path != test.path || got.Rule != test.rule {
				t.Errorf("the last violation is %q at %q, want %q at %q", got.Rule, got.Path, test.rule, test.path)
			}
			if n := len(err.Error()); n > 64<<10 {
				t.Errorf("a text of %d bytes", n)
			}
		})
	}
}
