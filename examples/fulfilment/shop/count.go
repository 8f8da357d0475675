package shop

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Count is what has become of all orders, read from outside of the saga: the states of the other organs, and the books of the
// bank.
type Count struct {
	entries map[string]*Entry
	parcels map[string]*Parcel
	items   map[string]*Item

	Shipped, Cancelled  int
	charged, refunded   int
	free, kept          int
	reasons             map[string]int // why orders were cancelled
	Open, Contradictory []string       // what has not ended, and what does not add up
}

// CountOrders reads the states, and holds each order and each item to its books.
func CountOrders(ctx context.Context, spine *necro.Spine, bank *Bank, begins int) (*Count, error) {
	c := &Count{reasons: map[string]int{}}
	var err error
	if c.entries, err = readStates[Entry](ctx, spine); err != nil {
		return nil, err
	}
	if c.parcels, err = readStates[Parcel](ctx, spine); err != nil {
		return nil, err
	}
	if c.items, err = readStates[Item](ctx, spine); err != nil {
		return nil, err
	}
	orders, err := readStates[Order](ctx, spine)
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(orders)) {
		c.Open = append(c.Open, id+" waits for "+orders[id].Waits)
	}
	for _, id := range slices.Sorted(maps.Keys(c.entries)) {
		c.countOrder(id, c.entries[id], bank.accountOf(id))
	}
	for _, name := range slices.Sorted(maps.Keys(c.items)) {
		c.countItem(name, c.items[name], begins)
	}
	return c, nil
}

// readStates returns all states of a type by their keys.
func readStates[S any, P interface {
	*S
	contract.State
}](ctx context.Context, spine *necro.Spine) (map[string]*S, error) {
	states := map[string]*S{}
	records, failed := necro.Range[S, P](ctx, spine)
	for key, state := range records {
		states[key] = state
	}
	return states, failed()
}

// countOrder wants an order to be shipped and paid, or cancelled, released and refunded.
func (c *Count) countOrder(id string, y *Entry, money account) {
	parcel := c.parcels[id]
	away := parcel != nil && parcel.Sent && !parcel.Recalled
	paid := money.charged - money.refunded
	c.charged, c.refunded = c.charged+money.charged, c.refunded+money.refunded
	wantPaid, wantKept := 0, 0
	switch {
	case !y.Ended:
		c.Open = append(c.Open, id+" has not ended")
		return
	case y.Shipped:
		c.Shipped++
		wantPaid, wantKept = y.Order.Cents, 1
	default:
		c.Cancelled++
		c.reasons[y.Why]++
	}
	if away != y.Shipped || paid != wantPaid {
		c.Contradictory = append(c.Contradictory, fmt.Sprintf("%s: shipped is %t, its parcel is away is %t, %d cents are paid", id, y.Shipped, away, paid))
	}
	for _, line := range y.Order.Lines {
		item := c.items[line.Item]
		if item == nil || item.Kept[id] != wantKept*line.Count {
			c.Contradictory = append(c.Contradictory, fmt.Sprintf("%s: shipped is %t, and the stock of %s does not say so", id, y.Shipped, line.Item))
		}
	}
}

// countItem wants what is left and what is kept to be what there was, and nothing to be kept for nobody.
func (c *Count) countItem(name string, i *Item, begins int) {
	kept := 0
	for id, n := range i.Kept {
		kept += n
		if c.entries[id] == nil {
			c.Contradictory = append(c.Contradictory, fmt.Sprintf("%s: %d are kept for %s, which is no order", name, n, id))
		}
	}
	c.free, c.kept = c.free+i.Free, c.kept+kept
	if i.Free+kept != begins {
		c.Contradictory = append(c.Contradictory, fmt.Sprintf("%s: %d are left and %d are kept of %d", name, i.Free, kept, begins))
	}
}

// Ended reports whether so many orders have ended.
func (c *Count) Ended(orders int) bool { return len(c.Open) == 0 && c.Shipped+c.Cancelled >= orders }

// Check returns an error where something does not add up.
func (c *Count) Check() error {
	if n := len(c.Contradictory); n > 0 {
		return fmt.Errorf("%d things do not add up, the first is %s", n, c.Contradictory[0])
	}
	return nil
}

// Print writes the count.
func (c *Count) Print(w io.Writer) {
	fmt.Fprintf(w, "%d orders: %d shipped and paid, %d cancelled, released and refunded\n", c.Shipped+c.Cancelled, c.Shipped, c.Cancelled)
	for _, why := range slices.Sorted(maps.Keys(c.reasons)) {
		fmt.Fprintf(w, "  %d cancelled: %s\n", c.reasons[why], why)
	}
	fmt.Fprintf(w, "money: %d cents charged, %d refunded\n", c.charged, c.refunded)
	fmt.Fprintf(w, "stock: %d sold, %d left\n", c.kept, c.free)
}
