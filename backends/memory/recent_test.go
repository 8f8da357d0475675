package memory

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestKeptIDsAreNeverForgottenEarly fills the memory of ids with some that have a time of their own. When it is full, such
// an event is refused with all of its call; ids without a time of their own have their own room.
func TestKeptIDsAreNeverForgottenEarly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := New()
		defer b.Close()
		event := &contract.EventType{Name: "E", Version: 1, Output: true}
		number := uint64(0)
		next := func(memory time.Duration) contract.Message {
			number++
			return contract.Message{ID: contract.DeriveID(contract.ID{1}, contract.ID{2}, number), Type: event, Once: true, Remember: memory}
		}
		publish := func(want error, msgs ...contract.Message) contract.Duplicates {
			t.Helper()
			duplicates, err := b.Publish(t.Context(), msgs, contract.PublishOptions{})
			if !errors.Is(err, want) {
				t.Fatalf("publish: %v, want %v", err, want)
			}
			return duplicates
		}
		first := next(24 * time.Hour)
		publish(nil, first)
		b.mu.Lock()
		for int(number) < recentLimit {
			m := next(24 * time.Hour)
			b.recent.addNew(&m, b.now())
		}
		b.mu.Unlock()
		plain, one := next(0), next(time.Second)
		publish(contract.ErrIDsFull, plain, one)
		if publish(nil, plain).Has(0) {
			t.Error("an event of a call that was refused is stored")
		}
		if !publish(nil, plain).Has(0) || !publish(nil, first).Has(0) {
			t.Error("an event that is remembered is stored again while the memory is full")
		}
		time.Sleep(24*time.Hour - time.Nanosecond)
		publish(contract.ErrIDsFull, one)
		time.Sleep(time.Nanosecond)
		if publish(nil, one, first).Has(1) {
			t.Error("an event is not stored again when its time is over")
		}
		if n := len(b.recent.kept); n != 2 || b.recent.expiry.len() != n {
			t.Errorf("%d ids are kept and %d have an expiry, want 2", n, b.recent.expiry.len())
		}
	})
}
