package necrotest

import (
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// ExhaustTo is Exhaust that reports to somebody else, for the tests of what it finds.
func ExhaustTo(t *testing.T, to testing.TB, only string, build func(*World), events ...necro.Event) {
	x := newExhaustion(build, events, only)
	x.bubble = func(work func()) { inBubble(t, func(*testing.T) { work() }) }
	x.exploreFaults()
	x.reportFindings(to)
}

// SetPatience changes how soon a bubble's goroutines are looked at.
func SetPatience(d time.Duration) { patience = d }

// Ranks is in which order organs get their turns.
var Ranks = rankOrgans
