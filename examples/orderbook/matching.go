package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/necrostack/necrogen/examples/internal/once"
	necro "github.com/necrostack/necrogen/runtime"
)

// remembered is for how many events at least an organ knows its answers.
const remembered = 4096

var errNoMeta = errors.New("not called by a spine")

// Matching keeps the books. Its state is in memory, hence exclusive: one process at a time
// runs it. It is strict in order, hence fair. And it answers an order that is delivered
// again with the same trades, for the last 4,096 orders and cancels at least.
//
// With a journal the books outlive the process. An event is written there before it is applied, so nothing that
// the books say can be lost: every applied event is in the journal, and when the process dies between that and
// the settle, the event comes again, to books that were rebuilt with it, and gets the answer that it got then.
//
//necro:organ matching exclusive order=strict
type Matching struct {
	journal    Journal // nil for none
	every, lag uint64  // entries from checkpoint to checkpoint, and behind one before it is written

	mu      sync.Mutex // the books are shown while the organ runs
	books   *Books
	answers *once.Memo[answer]
	entries uint64      // of the journal, that the books hold
	due     *Checkpoint // to be written, when enough entries follow it
	behind  bool        // the journal may have entries that the books do not hold
}

// NewMatching returns a matching engine with the books of a journal, which are read when they
// are first needed, or without orders when journal is nil.
func NewMatching(journal Journal) *Matching {
	return &Matching{
		journal: journal, every: checkpointEvery, lag: checkpointLag, behind: journal != nil,
		books: NewBooks(), answers: once.New[answer](remembered),
	}
}

// Match matches an order.
//
//necro:handle
func (m *Matching) Match(ctx context.Context, o *OrderAccepted) ([]TradeExecuted, []OrderClosed, *OrderRejected, error) {
	a, err := m.applyOnce(ctx, o)
	if err != nil || a.refused == "" {
		return a.Trades, a.Closed, nil, err
	}
	return nil, nil, rejectOrder(&o.Order, a.refused), nil
}

// Cancel takes an order out of its book.
//
//necro:handle
func (m *Matching) Cancel(ctx context.Context, c *CancelAccepted) ([]OrderClosed, *CancelRejected, error) {
	a, err := m.applyOnce(ctx, c)
	if err != nil || a.refused == "" {
		return a.Closed, nil, err
	}
	return nil, &CancelRejected{OrderID: c.OrderID, TraderID: c.TraderID, Reason: a.refused}, nil
}

// applyOnce applies an event that is new, and answers one that is not as it did before.
func (m *Matching) applyOnce(ctx context.Context, e necro.Event) (answer, error) {
	meta, ok := necro.MetaFrom(ctx)
	if !ok {
		return answer{}, errNoMeta
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.enterEvent(ctx, meta.ID, e)
}

// enterEvent writes an event into the journal, and applies it.
func (m *Matching) enterEvent(ctx context.Context, id necro.ID, e necro.Event) (answer, error) {
	if err := m.catchUp(ctx); err != nil {
		return answer{}, err
	}
	if a, ok := m.answers.Get(id); ok {
		return a, nil
	}
	if err := m.writeEntry(ctx, Entry{m.entries + 1, id, e}); err != nil {
		m.behind = true // it may have been written nevertheless
		return answer{}, err
	}
	return m.applyEntry(id, e)
}

// writeEntry writes an entry into the journal, with the checkpoint that has become due.
func (m *Matching) writeEntry(ctx context.Context, e Entry) error {
	if m.journal == nil {
		return nil
	}
	var due *Checkpoint
	if m.due != nil && e.Number >= m.due.Number+m.lag {
		due = m.due
	}
	if err := m.journal.Append(ctx, e, due); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if due != nil {
		m.due = nil
	}
	return nil
}

// applyEntry applies the next entry.
func (m *Matching) applyEntry(id necro.ID, e necro.Event) (answer, error) {
	a := m.books.applyEvent(e)
	m.answers.Put(id, a)
	m.entries++
	if m.journal == nil || m.entries%m.every != 0 {
		return a, nil
	}
	text, err := m.books.encodeBooks()
	m.due = &Checkpoint{m.entries, text}
	return a, err
}

// Restore reads the books from the journal, if they are not read yet.
func (m *Matching) Restore(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.catchUp(ctx)
}

// catchUp rebuilds the books from the journal when they may be behind it: in the beginning,
// and when a write has failed. What became of that the journal knows alone.
func (m *Matching) catchUp(ctx context.Context) error {
	if !m.behind {
		return nil
	}
	start, entries, err := m.journal.Load(ctx)
	if err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	m.books, m.answers, m.entries, m.due = NewBooks(), once.New[answer](remembered), start.Number, nil
	if start.Books != nil {
		if m.books, err = decodeBooks(start.Books); err != nil {
			return fmt.Errorf("read the journal: the checkpoint: %w", err)
		}
	}
	for _, e := range entries {
		if e.Number != m.entries+1 {
			return fmt.Errorf("read the journal: entry %d stands where %d should: delete the journal to begin with empty books", e.Number, m.entries+1)
		}
		if _, err := m.applyEntry(e.ID, e.Event); err != nil {
			return err
		}
	}
	m.behind = false
	return nil
}
