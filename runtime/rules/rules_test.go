package rules_test

import (
	"testing"
	"time"

	"github.com/necrostack/necrogen/runtime/rules"
)

// The verdicts are compared with the reference's in internal/difftest; these are the ones
// that a reader wants to see.
func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		rule  func(string) bool
		value string
		want  bool
	}{
		{rules.Email, "me@example.com", true},
		{rules.Email, "a+b@sub.example.org", true},
		{rules.Email, "ü@ö.de", true},
		{rules.Email, `"quoted name"@example.org`, true},
		{rules.Email, "me@example", false},
		{rules.Email, "Me <me@example.com>", false},
		{rules.Email, ".me@example.com", false},
		{rules.UUID, "123e4567-e89b-12d3-a456-426614174000", true},
		{rules.UUID, "123E4567-E89B-12D3-A456-426614174000", true},
		{rules.UUID, "123e4567e89b12d3a456426614174000", false},
		{rules.URL, "https://example.com/x", true},
		{rules.URL, "mailto:me", true},
		{rules.URL, "file:///", false},
		{rules.URL, "example.com", false},
	} {
		if c.rule(c.value) != c.want {
			t.Errorf("%q: %v", c.value, !c.want)
		}
	}
}

func TestNow(t *testing.T) {
	later, earlier := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	if !rules.Future(later) || rules.Future(earlier) || !rules.Past(earlier) || rules.Past(later) ||
		!rules.NotPast(later) || rules.NotPast(earlier) || !rules.NotFuture(earlier) || rules.NotFuture(later) {
		t.Error("the present is elsewhere")
	}
}
