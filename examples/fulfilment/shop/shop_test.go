package shop

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// numberOf returns the number of an order that the bank treats so.
func numberOf(t *testing.T, wanted temper, country string) int {
	t.Helper()
	for n := range 1000 {
		if o := OrderNumber(n); temperOf(o.OrderID) == wanted && o.Country == country {
			return n
		}
	}
	t.Fatalf("no order has the temper %d in %s", wanted, country)
	return 0
}

// TestExhaust strikes one order with every fault, once for each end: the states, the events and the books are the same.
func TestExhaust(t *testing.T) {
	for name, n := range map[string]int{
		"shipped": numberOf(t, flaky, "Iceland"),
		"no way":  numberOf(t, prompt, noCarrier),
	} {
		t.Run(name, func(t *testing.T) {
			faults := necrotest.Exhaust(t, func(w *necrotest.World) {
				bank, err := NewBank("", time.Second)
				if err != nil {
					t.Error(err)
				}
				w.Organs = func() []necro.Organ { return Organs(bank, 10, time.Hour) }
				w.Snapshot = func() any { return bank.books }
			}, OrderNumber(n))
			if faults < 100 {
				t.Errorf("%d faults are too few to be all", faults)
			}
		})
	}
}

// TestCountFinds wants each thing that does not add up to be found.
func TestCountFinds(t *testing.T) {
	order := OrderNumber(0)
	item, n := order.Lines[0].Item, order.Lines[0].Count
	whole := func() (*Count, account) {
		return &Count{
			reasons: map[string]int{},
			entries: map[string]*Entry{order.OrderID: {Order: order, Ended: true, Shipped: true}},
			parcels: map[string]*Parcel{order.OrderID: {Sent: true}},
			items:   map[string]*Item{item: {Counted: true, Free: 5 - n, Kept: map[string]int{order.OrderID: n}}},
		}, account{charged: order.Cents}
	}
	for name, breaks := range map[string]func(c *Count, a *account){
		"":                    func(*Count, *account) {},
		"a refund":            func(_ *Count, a *account) { a.refunded = a.charged },
		"a recall":            func(c *Count, _ *account) { c.parcels[order.OrderID].Recalled = true },
		"a lost item":         func(c *Count, _ *account) { c.items[item].Free-- },
		"a release":           func(c *Count, _ *account) { c.items[item] = &Item{Counted: true, Free: 5} },
		"a stranger's item":   func(c *Count, _ *account) { c.items[item] = &Item{Free: 5 - n, Kept: map[string]int{"nobody": n}} },
		"paid but cancelled":  func(c *Count, _ *account) { c.entries[order.OrderID].Shipped = false },
		"no order of its own": func(c *Count, _ *account) { delete(c.parcels, order.OrderID) },
	} {
		c, money := whole()
		breaks(c, &money)
		c.countOrder(order.OrderID, c.entries[order.OrderID], money)
		c.countItem(item, c.items[item], 5)
		if found := c.Check() != nil; found != (name != "") {
			t.Errorf("%q: found is %t: %q", name, found, c.Contradictory)
		}
	}
}

// TestBooksOutliveTheBank opens the books again, and books the same calls once.
func TestBooksOutliveTheBank(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bank")
	var books []map[string]account
	for range 2 {
		bank, err := NewBank(path, 0)
		if err != nil {
			t.Fatal(err)
		}
		for n := range 20 {
			bank.Charge(t.Context(), OrderNumber(n).OrderID, 100)
		}
		bank.Refund(t.Context(), OrderNumber(numberOf(t, prompt, "Iceland")).OrderID)
		bank.Close()
		books = append(books, maps.Clone(bank.books))
	}
	if len(books[0]) < 10 || !slices.ContainsFunc(slices.Collect(maps.Values(books[0])), func(a account) bool { return a.refunded == 100 }) {
		t.Fatalf("booked is %v", books[0])
	}
	text, _ := os.ReadFile(path)
	for key, booked := range books[0] {
		if temperOf(key) != flaky && booked != books[1][key] {
			t.Errorf("%s: %v, and %v when it is opened again\n%s", key, booked, books[1][key], text)
		}
	}
	if err := os.WriteFile(path, []byte("nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewBank(path, 0); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("nonsense in the books: %v", err)
	}
}

// TestOrders wants a number to stand for the same order in every process.
func TestOrders(t *testing.T) {
	if !reflect.DeepEqual(OrderNumber(3), OrderNumber(3)) {
		t.Error("an order differs from itself")
	}
}
