//go:build node

package console_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/testkit/node"
	"github.com/necrostack/necrogen/runtime/contract"
)

var pictures = flag.String("pictures", "", "a `folder`, by its absolute path, for pictures of all pages")

// TestNodePages looks in Chromium at every page that shows stored bytes, which want to be more than text, as a user who may only read.
func TestNodePages(t *testing.T) {
	const script, ansi = `"><script>window.harmed = true</script><img src=x onerror="window.harmed = true">`, "\x1b[31mred \u202etxt"
	s := openShop(t)
	death := contract.Death{Reason: contract.ReasonExhausted, Error: script + ansi + "\xff", Stack: script + ansi + "\nmain.go:7"}
	big := packText("name", strings.Repeat("<b>\x1b\xff", 1<<20/5))
	letters := s.bury(death, packText("name", script+ansi), big, packText("name", "\xff\xfe<i>"), bytes.Repeat([]byte{0xc1}, 1<<20))
	s.publish(time.Now().Add(time.Hour), packText("name", script))
	s.publish(time.Time{}, packText("name", script))
	hourly := contract.ScheduleClaim{Wants: "1h", For: time.Hour}
	if _, err := s.backend.Fire(t.Context(), contract.Firing{Schedule: script, Claim: hourly, Bound: hourly.Wants, UpTo: time.Now().UnixNano()}); err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{
		"overview": "overview", "organ": linkOf("organ", "organ", organ), "dead": linkOf("dead", "organ", organ), "scheduled": "scheduled", "schedules": "schedules",
		"events": linkOf("events", "key", "order-7"), "no-events": linkOf("events", "key", script+ansi), "doctor": "doctor", "states": linkOf("states", "organ", organ),
		"one-cause": linkOf("dead", "organ", organ, "error", script), "confirm": linkOf("confirm", "verb", "redrive-all", "organ", organ, "error", script+ansi),
	}
	for i, id := range letters {
		pages["letter-"+string(rune('a'+i))] = linkOf("letter", "organ", organ, "id", id)
	}
	input, err := json.Marshal(map[string]any{"base": s.url, "pages": pages, "pictures": *pictures})
	if err != nil {
		t.Fatal(err)
	}
	if wrong := node.Run(t, "crawl.mjs", input); len(wrong) > 0 {
		t.Errorf("%s", wrong)
	}
}
