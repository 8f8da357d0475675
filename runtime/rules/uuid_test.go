package rules

import (
	"regexp"
	"testing"
)

// TestUUID: every byte in every place of a UUID, against the obvious expression.
func TestUUID(t *testing.T) {
	const valid = "0191E2a4-7c3b-7d52-9C1e-5f0a3b6d8eF9"
	pattern := regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	for i := range len(valid) {
		for c := range 256 {
			s := []byte(valid)
			s[i] = byte(c)
			if got, want := UUID(string(s)), pattern.Match(s); got != want {
				t.Errorf("UUID(%q) is %v", s, got)
			}
		}
	}
	for _, s := range []string{"", valid[1:], valid + "0"} {
		if UUID(s) {
			t.Errorf("UUID(%q) is true", s)
		}
	}
}
