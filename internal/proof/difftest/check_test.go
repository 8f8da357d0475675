package difftest

import (
	"testing"

	"github.com/necrostack/necrogen/internal/proof/difftest/shapes"
)

// TestCheck: cross-field rules run in source order, for nested events under their path.
func TestCheck(t *testing.T) {
	bad := shapes.Checked{A: 1, B: 2, Sum: -3}
	const both = "sum must be a + b; sum must not be negative"
	for want, e := range map[string]interface{ Validate() error }{
		"CHECKED is invalid: " + both: &bad,
		"HOLDER is invalid: one: sum must be a + b; one: sum must not be negative; " +
			"more[1]: sum must be a + b; more[1]: sum must not be negative": &shapes.Holder{
			One: bad, More: []shapes.Checked{{}, bad},
		},
	} {
		if err := e.Validate(); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
