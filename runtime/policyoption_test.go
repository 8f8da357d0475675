package necro

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestDocumentedDefaults: docs/annotations.md says which policy holds where nothing is written.
func TestDocumentedDefaults(t *testing.T) {
	text, err := os.ReadFile("../docs/annotations.md")
	if err != nil {
		t.Fatal(err)
	}
	p := defaultPolicy
	for key, want := range map[string]string{
		"retry": fmt.Sprint(p.Retry), "backoff": fmt.Sprintf("%v..%v", p.BackoffMin, p.BackoffMax),
		"concurrency": fmt.Sprint(p.Concurrency), "maxhops": fmt.Sprint(p.MaxHops),
		"onfail": map[contract.FailAction]string{Dead: "dead"}[p.OnFail], "timeout": map[bool]string{true: "none"}[p.Timeout == 0],
		"breaker": map[bool]string{true: "none"}[p.BreakerCount == 0],
		"order":   map[contract.OrderMode]string{OrderFirstAttempts: "first attempts"}[p.Order],
	} {
		row := regexp.MustCompile("(?m)^\\| `" + key + "=[^`]*` \\| [^|]+ \\| ([^|]+) \\|").FindSubmatch(text)
		if row == nil || string(row[1]) != want {
			t.Errorf("docs/annotations.md says of %s %q, the default is %s", key, row, want)
		}
	}
}
