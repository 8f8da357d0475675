package shop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"sync"
	"time"
)

// Bank is a [Gateway] that behaves as badly as real ones do, each order in its own way, and keeps books: what is in them is
// what has become of the money, whatever the program believes. Its methods are safe for concurrent use.
type Bank struct {
	lateness time.Duration // of an answer that is late
	file     *os.File      // the books on disk, or nil

	mu    sync.Mutex
	books map[string]account // guarded by mu
	calls map[string]int     // guarded by mu; of this process
}

// account is what was booked under a key.
type account struct{ charged, refunded int }

// temper is how the bank treats the charges of an order.
type temper int

const (
	prompt   temper = iota
	flaky           // the first call of each kind fails, and does nothing
	declines        // every charge is refused
	late            // a charge is booked, and answered late
	mute            // a charge is booked, and no answer arrives
)

// tempers is how often each temper is met.
var tempers = []temper{prompt, prompt, prompt, flaky, flaky, prompt, declines, late, prompt, mute}

// temperOf depends on the key alone, so an order meets the same temper in every process.
func temperOf(key string) temper {
	h := fnv.New32a()
	h.Write([]byte(key))
	return tempers[h.Sum32()%uint32(len(tempers))]
}

// ErrLost says that a charge was booked, and that its answer did not arrive.
var ErrLost = errors.New("the connection to the bank was lost")

var errBusy = errors.New("the bank is busy")

// NewBank opens a bank. With a path its books outlive the process, in a file with a line for each booking.
func NewBank(path string, lateness time.Duration) (*Bank, error) {
	b := &Bank{lateness: lateness, books: map[string]account{}, calls: map[string]int{}}
	if path == "" {
		return b, nil
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the books of the bank: %w", err)
	}
	b.file = file
	if err := b.readBooks(); err != nil {
		file.Close()
		return nil, fmt.Errorf("read the books of the bank in %s: %w", path, err)
	}
	return b, nil
}

// readBooks enters what the file has.
func (b *Bank) readBooks() error {
	lines := bufio.NewScanner(b.file)
	for n := 1; lines.Scan(); n++ {
		var key string
		var booked account
		if _, err := fmt.Sscanf(lines.Text(), "%q %d %d", &key, &booked.charged, &booked.refunded); err != nil {
			return fmt.Errorf("line %d is no booking: %w", n, err)
		}
		b.books[key] = booked
	}
	return lines.Err()
}

// Close closes the books.
func (b *Bank) Close() error {
	if b.file == nil {
		return nil
	}
	return b.file.Close()
}

// Charge books cents under a key, once.
func (b *Bank) Charge(ctx context.Context, key string, cents int) error {
	temper := temperOf(key)
	switch first := b.isFirstCall("charge " + key); {
	case temper == declines:
		return ErrDeclined
	case temper == flaky && first:
		return errBusy
	}
	err := b.book(key, func(a account) account {
		if a.charged == 0 {
			a.charged = cents
		}
		return a
	})
	if err != nil {
		return err
	}
	switch temper {
	case mute:
		return ErrLost
	case late:
		return waitFor(ctx, b.lateness)
	}
	return nil
}

// Refund gives back what is booked under a key, once.
func (b *Bank) Refund(_ context.Context, key string) error {
	if b.isFirstCall("refund "+key) && temperOf(key) == flaky {
		return errBusy
	}
	return b.book(key, func(a account) account {
		a.refunded = a.charged
		return a
	})
}

// isFirstCall reports whether a call is the first one of its name in this process.
func (b *Bank) isFirstCall(name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls[name]++
	return b.calls[name] == 1
}

// book changes an account, on disk first. What changes nothing is not booked.
func (b *Bank) book(key string, change func(account) account) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	was := b.books[key]
	now := change(was)
	if now == was {
		return nil
	}
	if b.file != nil {
		if _, err := fmt.Fprintf(b.file, "%q %d %d\n", key, now.charged, now.refunded); err != nil {
			return fmt.Errorf("book %s: %w", key, err)
		}
	}
	b.books[key] = now
	return nil
}

// accountOf returns what is booked under a key.
func (b *Bank) accountOf(key string) account {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.books[key]
}

// waitFor waits, unless the caller goes first.
func waitFor(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
