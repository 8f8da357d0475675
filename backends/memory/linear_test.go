package memory_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/internal/testkit/cputime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestCostIsLinear compares the processor time of n elements that wait at once with that of 16 times as many.
// Something quadratic takes 256 times as long, something linear 16 times. The limit lies between
// them, far from both, and the best of some rounds counts, because machines are busy.
func TestCostIsLinear(t *testing.T) {
	const few, times, limit = 2000, 16, 80
	for name, work := range map[string]func(t *testing.T, n int){
		"DueAtOnce":        dueAtOnce,
		"BehindOneKey":     func(t *testing.T, n int) { behindKeys(t, n, 1) },
		"BehindManyKeys":   func(t *testing.T, n int) { behindKeys(t, n, n/10) },
		"EachOfAKeyFails":  eachOfAKeyFails,
		"StrictOrderFails": strictOrderFails,
		"Discards":         discards,
		"PagesAndDiscards": pagesAndDiscards,
		"LeasesOneByOne":   leasesOneByOne,
		"WokenPublishers":  wokenPublishers,
	} {
		t.Run(name, func(t *testing.T) {
			best := 1e9
			for round := 0; round < 5 && best > limit; round++ {
				short, long := cputime.Of(func() { work(t, few) }), cputime.Of(func() { work(t, few*times) })
				best = min(best, float64(long)/float64(short))
			}
			t.Logf("%d times as many take %.0f times as long", times, best)
			if best > limit {
				t.Errorf("%d times as many take %.0f times as long, want less than %d times", times, best, limit)
			}
		})
	}
}

// crowd returns an organ, and closes its backend with the test's part.
func crowd(t *testing.T, n int, order contract.OrderMode) (o *organ, leave func()) {
	b := memory.New(memory.WithLimit(n + 1))
	return newOrgan(t, b, order), func() { b.Close() }
}

// publishEach stores n events, one at a time, with the keys that key returns.
func (o *organ) publishEach(n int, key func(i int) string) {
	o.t.Helper()
	for i := range n {
		m := contract.Message{ID: contract.NewID(), Type: numbered, Key: key(i)}
		if _, err := o.b.PublishOne(o.t.Context(), m, contract.PublishOptions{}); err != nil {
			o.t.Fatal(err)
		}
	}
}

func noKey(int) string { return "" }

// drain settles n deliveries alike, at most 100 in a call.
func (o *organ) drain(n int, kind contract.OutcomeKind, delay time.Duration) {
	o.t.Helper()
	for n > 0 {
		ds, err := o.Fetch(o.t.Context(), min(n, 100))
		if err != nil {
			o.t.Fatal(err)
		}
		o.settle(kind, delay, ds...)
		n -= len(ds)
	}
}

func dueAtOnce(t *testing.T, n int) {
	o, leave := crowd(t, n, contract.OrderFirstAttempts)
	defer leave()
	o.publishEach(n, noKey)
	o.drain(n, contract.OutcomeRetry, 0)
	o.drain(n, contract.OutcomeAck, 0)
}

// behindKeys holds keys back while n events wait behind them.
func behindKeys(t *testing.T, n, keys int) {
	o, leave := crowd(t, n, contract.OrderKey)
	defer leave()
	o.publishEach(keys, func(i int) string { return fmt.Sprint(i) })
	o.drain(keys, contract.OutcomeRetry, time.Millisecond)
	o.publishEach(n-keys, func(i int) string { return fmt.Sprint(i % keys) })
	o.drain(n, contract.OutcomeAck, 0)
}

func eachOfAKeyFails(t *testing.T, n int) {
	o, leave := crowd(t, n, contract.OrderKey)
	defer leave()
	o.publishEach(n, func(int) string { return "key" })
	o.eachFails(n)
}

func strictOrderFails(t *testing.T, n int) {
	o, leave := crowd(t, n, contract.OrderStrict)
	defer leave()
	o.publishEach(n, noKey)
	o.eachFails(n)
}

// eachFails has each of n deliveries fail once.
func (o *organ) eachFails(n int) {
	o.t.Helper()
	for range n {
		o.drain(1, contract.OutcomeRetry, 0)
		o.drain(1, contract.OutcomeAck, 0)
	}
}

// buried returns the dead letters of n deliveries.
func (o *organ) buried(n int) []contract.DeadLetter {
	o.t.Helper()
	o.publishEach(n, noKey)
	o.drain(n, contract.OutcomeDead, 0)
	letters, err := o.b.DeadLetters(o.t.Context(), "organ", contract.ID{}, n)
	if err != nil || len(letters) != n {
		o.t.Fatalf("%d dead letters, error %v, want %d", len(letters), err, n)
	}
	return letters
}

func (o *organ) discard(letter contract.DeadLetter) {
	o.t.Helper()
	if n, err := o.b.Discard(o.t.Context(), "organ", letter.ID); n != 1 || err != nil {
		o.t.Fatalf("discarded %d, error %v", n, err)
	}
}

// discards begins with the newest dead letter.
func discards(t *testing.T, n int) {
	o, leave := crowd(t, n, contract.OrderFirstAttempts)
	defer leave()
	letters := o.buried(n)
	for i := range letters {
		o.discard(letters[n-1-i])
	}
}

// pagesAndDiscards asks for the letter behind one that is gone, over all that are gone by then.
func pagesAndDiscards(t *testing.T, n int) {
	o, leave := crowd(t, n, contract.OrderFirstAttempts)
	defer leave()
	letters := o.buried(n)
	first := letters[n-min(n, 5000)]
	o.discard(first)
	for _, letter := range letters[n-min(n, 5000)+1:] {
		page, err := o.b.DeadLetters(t.Context(), "organ", first.ID, 1)
		if err != nil || len(page) != 1 || page[0].ID != letter.ID {
			t.Fatalf("page %v, error %v, want the letter %s", page, err, letter.ID)
		}
		o.discard(letter)
	}
}

// leasesOneByOne holds n leases at a time, each of a Fetch of its own, and looks now and then.
func leasesOneByOne(t *testing.T, n int) {
	o, leave := crowd(t, n, contract.OrderFirstAttempts)
	defer leave()
	o.publishEach(n, noKey)
	held := make([]contract.Delivery, 0, n)
	for range n {
		ds, err := o.Fetch(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, ds...)
		if h := o.b.Health(t.Context()).Organs[0]; h.Leased != len(held) {
			t.Fatalf("%d are leased, want %d", h.Leased, len(held))
		}
	}
	for i := range held {
		o.settle(contract.OutcomeAck, 0, held[n-1-i])
	}
}

// wokenPublishers has n publishers that wait, and makes room for one at a time.
func wokenPublishers(t *testing.T, n int) {
	b := memory.New(memory.WithLimit(1))
	defer b.Close()
	o := newOrgan(t, b, contract.OrderFirstAttempts)
	o.publish("")
	ds := o.takes(1)
	var publishers sync.WaitGroup
	for range n {
		publishers.Go(func() { b.PublishOne(t.Context(), contract.Message{Type: numbered}, contract.PublishOptions{}) })
	}
	o.settle(contract.OutcomeAck, 0, ds...)
	o.drain(n, contract.OutcomeAck, 0)
	publishers.Wait()
}
