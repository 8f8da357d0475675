package redisstream_test

import (
	"errors"
	"testing"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestKeptIDsAreNeverForgottenEarly fills the memory of ids with a million that have a time of their own. Such an event is
// refused then with all of its call, and no other call; ids without a time of their own have their own room.
func TestKeptIDsAreNeverForgottenEarly(t *testing.T) {
	t.Parallel()
	r := alone(t)
	b := r.open()
	r.subscribe(b, sub("in", &Step{}))
	publish := func(want error, msgs ...contract.Message) contract.Duplicates {
		t.Helper()
		duplicates, err := b.Publish(r.ctx, msgs, contract.PublishOptions{})
		if !errors.Is(err, want) {
			t.Fatalf("publish: %v, want %v", err, want)
		}
		return duplicates
	}
	msgs := steps(0, 6)
	for i := range msgs {
		msgs[i].Once = true
	}
	first, last, one, plain, other, after := msgs[0], msgs[1], msgs[2], msgs[3], msgs[4], msgs[5]
	first.Remember, last.Remember, one.Remember, after.Remember = time.Hour, 24*time.Hour, time.Hour, time.Hour
	publish(nil, first)
	fill := `local over = redis.call('TIME')[1] * 1000 + 7200000
		for i = ARGV[1], ARGV[2] do redis.call('ZADD', KEYS[1], string.format('%.1f', over + i + 0.5), 'filler ' .. i) end`
	for from := 1; from <= 999_998; from += 20_000 {
		r.do("EVAL", fill, 1, r.key("tok:ids"), from, min(from+19_999, 999_998))
	}
	publish(nil, last)
	stored := r.len("q:in")

	publish(contract.ErrIDsFull, plain, one)
	same(r, "entries after a refusal", r.len("q:in"), stored)
	publish(nil, plain)
	publish(nil, other)
	for _, known := range []contract.Message{first, last, plain, other} {
		same(r, "duplicate while the memory is full", publish(nil, known).Has(0), true)
	}
	refused := make(chan error)
	for range 8 {
		go func() {
			_, err := b.Publish(r.ctx, []contract.Message{one}, contract.PublishOptions{})
			refused <- err
		}()
	}
	for range 8 {
		publish(nil, steps(0, 1)...) // goes in one command with some of those
	}
	for range 8 {
		if err := <-refused; !errors.Is(err, contract.ErrIDsFull) {
			t.Errorf("publish: %v, want %v", err, contract.ErrIDsFull)
		}
	}

	r.do("ZINCRBY", r.key("tok:ids"), -3_600_000, string(first.ID[:])) // its hour is over
	publish(nil, after)
	same(r, "duplicate of one that was forgotten in time", publish(contract.ErrIDsFull, first).Has(0), false)
	same(r, "duplicate of the newest", publish(nil, after).Has(0), true)
}
