package main

// Snapshot is what a book looks like at one moment.
type Snapshot struct {
	Symbol     string
	Last       Price // of the latest trade; 0 before the first
	Orders     int
	Bids, Asks []Quote // best first
}

// Snapshots returns all books by symbol, with at most depth quotes for each side.
func (m *Matching) Snapshots(depth int) []Snapshot {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []Snapshot
	for _, b := range m.books.sortedBooks() {
		bids, asks := b.Depth(depth)
		list = append(list, Snapshot{b.symbol, b.last, len(b.open), bids, asks})
	}
	return list
}

// Resting sums up the open orders of all books, as Book.Resting does.
func (m *Matching) Resting() (orders uint64, bought, sold int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range m.books.list {
		n, buys, sells := b.Resting()
		orders, bought, sold = orders+n, bought+buys, sold+sells
	}
	return orders, bought, sold
}

// Find returns an open order, and how many of its shares are left.
func (m *Matching) Find(orderID uint64) (o Order, left int64, open bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, left := m.books.findOrder(orderID)
	if r == nil {
		return Order{}, 0, false
	}
	return *r, left, true
}

// HighestID returns the highest id that an order has had so far.
func (m *Matching) HighestID() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.books.highest
}
