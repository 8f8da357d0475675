package events

import (
	"testing"

	"github.com/necrostack/necrogen/runtime/necrotest"
)

// TestGenerated fails when generated code of this module is missing or stale, or when an event
// has changed in a way that breaks what is stored (necro.lock).
func TestGenerated(t *testing.T) { necrotest.Check(t) }
