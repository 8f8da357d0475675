package necrotest_test

import (
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// testCharge hands one event to one organ, and looks at what it emitted.
func testCharge(t *testing.T) {
	fed := necrotest.Feed(t, &Billing{}, &Placed{ID: "a", Amount: 200})
	if fed.Err != nil {
		t.Fatal(fed.Err)
	}
	if paid := necrotest.Emitted[Paid](fed); len(paid) != 1 || paid[0].ID != "a" {
		t.Errorf("emitted %v, want one payment of a", paid)
	}
}

// What is testCharge here would be TestCharge in a package of organs.
func ExampleFeed() {
	_ = testing.InternalTest{Name: "TestCharge", F: testCharge}
}

// testRetries lets a topology work on virtual time: two failures a second apart cost no time.
func testRetries(t *testing.T) {
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		k.Publish(&Placed{ID: "a", Amount: 5})
		if stats := k.Drain(); stats.Retried != 2 {
			t.Errorf("%d retries, want 2", stats.Retried)
		}
		if calls := k.Calls("billing"); calls[2].After != 2*time.Second {
			t.Errorf("the third attempt came after %s, want 2s", calls[2].After)
		}
		if letters := k.DeadLetters("billing"); len(letters) != 0 {
			t.Errorf("given up: %v", letters)
		}
		if paid := necrotest.Events[Paid](k); len(paid) != 1 {
			t.Errorf("%d payments stored, want 1", len(paid))
		}
	}, necro.WithOrgans(&Billing{failures: 2}, &Books{}))
}

// What is testRetries here would be TestRetries in a package of organs. Billing has the policy
// retry=3 backoff=1s..1s, and fails as often as it is told to.
func ExampleRun() {
	_ = testing.InternalTest{Name: "TestRetries", F: testRetries}
}

// testGenerated is all that a module needs for its generated code to be looked after.
func testGenerated(t *testing.T) { necrotest.Check(t) }

// What is testGenerated here would be TestGenerated, in any package of the module.
func ExampleCheck() {
	_ = testing.InternalTest{Name: "TestGenerated", F: testGenerated}
}
