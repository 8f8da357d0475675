package main

import (
	"bytes"
	"context"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/all"
	"github.com/necrostack/necrogen/internal/testkit/poll"
	"github.com/necrostack/necrogen/internal/testkit/postgrestest"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// programVariable makes the test binary the program, for tests that kill it.
const programVariable = "FULFILMENT_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		main()
	}
	os.Exit(m.Run())
}

// numberOf returns the number of an order that the bank treats so.
func numberOf(t *testing.T, wanted temper, country string) int {
	t.Helper()
	for n := range 1000 {
		if o := orderNumber(n); temperOf(o.OrderID) == wanted && o.Country == country {
			return n
		}
	}
	t.Fatalf("no order has the temper %d in %s", wanted, country)
	return 0
}

// TestEveryOrderEnds runs the program over every engine, with orders that the bank declines, answers late and leaves
// unanswered, that want what is sold out, and that go where no carrier goes. A second run finds all of them ended. Which way an
// order ends depends on how long the machine lets it wait: memory, which is quick, has to show each of them.
func TestEveryOrderEnds(t *testing.T) {
	for name, url := range map[string]func(t *testing.T) string{
		"memory":   func(t *testing.T) string { return "memory" },
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "shop.db") },
		"redis":    func(t *testing.T) string { return redistest.Start(t).URL() },
		"postgres": func(t *testing.T) string { return postgrestest.Start(t).URL() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := []string{"--orders", "40", "--stock", "15", "--patience", "4s", "--backend", url(t), "--bank", filepath.Join(t.TempDir(), "bank")}
			var first, second bytes.Buffer
			if err := runCommand(t.Context(), args, &first, io.Discard); err != nil {
				t.Fatalf("%v\n%s", err, &first)
			}
			for _, want := range []string{"40 orders: ", "card declined", "not paid: exhausted", "no answer in time: payment", "sold out", "Atlantis"} {
				if name == "memory" && !strings.Contains(first.String(), want) {
					t.Errorf("nothing in the count says %q:\n%s", want, &first)
				}
			}
			if name == "memory" {
				return
			}
			if err := runCommand(t.Context(), args, &second, io.Discard); err != nil || second.String() != first.String() {
				t.Errorf("a second run counts otherwise: %v\n%swant\n%s", err, &second, &first)
			}
		})
	}
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
				w.Organs = func() []necro.Organ { return organs(bank, 10, time.Hour) }
				w.Snapshot = func() any { return bank.books }
			}, orderNumber(n))
			if faults < 100 {
				t.Errorf("%d faults are too few to be all", faults)
			}
		})
	}
}

// program returns a process of the program.
func program(t *testing.T, args []string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), programVariable+"=1")
	cmd.Stderr = t.Output()
	return cmd
}

// TestKilled kills the program amid its work, each time when the bank has booked some more, and lets the last process end.
// Then every order has ended one of the two ways, as another process counts it. On a slow machine many orders are not answered
// in time, so that the bank may have nothing to book any more after the first kill.
func TestKilled(t *testing.T) {
	const orders, stock = 60, 30
	books := filepath.Join(t.TempDir(), "bank")
	url := "sqlite:" + filepath.Join(t.TempDir(), "shop.db")
	args := []string{"--orders", "60", "--stock", "30", "--patience", "3s", "--lease", "500ms", "--backend", url, "--bank", books}
	for kill := range 3 {
		wanted := bookings(books) + 1 + rand.IntN(6)
		t.Logf("to be killed when the bank has booked %d times", wanted)
		if err := runUntil(t, args, func() bool { return bookings(books) >= wanted }); err != nil {
			continue
		}
		if kill == 0 {
			t.Fatalf("the program had ended before it was killed, with %d bookings", bookings(books))
		}
		break
	}
	if err := program(t, args).Run(); err != nil {
		t.Fatalf("the last program: %v", err)
	}
	c := countOutside(t, url, books, stock)
	if err := c.check(); err != nil || !c.ended(orders) || c.cancelled == 0 {
		t.Errorf("%v: %d shipped, %d cancelled, open are %q, not adding up %q", err, c.shipped, c.cancelled, c.open, c.contradictory)
	}
}

// runUntil runs the program until the condition holds, and kills it then. The error is nil where the program ended by itself.
func runUntil(t *testing.T, args []string, condition func() bool) (err error) {
	t.Helper()
	cmd := program(t, args)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		err = cmd.Wait()
		close(ended)
	}()
	poll.Until(t, "neither the condition nor the end", func() bool {
		select {
		case <-ended:
			return true
		default:
			return condition()
		}
	})
	cmd.Process.Kill()
	<-ended
	return err
}

// bookings counts what the bank has booked.
func bookings(books string) int {
	text, _ := os.ReadFile(books)
	return bytes.Count(text, []byte("\n"))
}

// countOutside counts with a spine that runs no organ.
func countOutside(t *testing.T, url, books string, stock int) *count {
	t.Helper()
	backend, err := all.Open(t.Context(), url, all.Existing(), all.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Close()
	spine, err := necro.New(backend, necro.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	bank, err := NewBank(books, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer bank.Close()
	c, err := countOrders(t.Context(), spine, bank, stock)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCountFinds wants each thing that does not add up to be found.
func TestCountFinds(t *testing.T) {
	order := orderNumber(0)
	item, n := order.Lines[0].Item, order.Lines[0].Count
	whole := func() (*count, account) {
		return &count{
			reasons: map[string]int{},
			entries: map[string]*Entry{order.OrderID: {Order: order, Ended: true, Shipped: true}},
			parcels: map[string]*Parcel{order.OrderID: {Sent: true}},
			items:   map[string]*Item{item: {Counted: true, Free: 5 - n, Kept: map[string]int{order.OrderID: n}}},
		}, account{charged: order.Cents}
	}
	for name, breaks := range map[string]func(c *count, a *account){
		"":                    func(*count, *account) {},
		"a refund":            func(_ *count, a *account) { a.refunded = a.charged },
		"a recall":            func(c *count, _ *account) { c.parcels[order.OrderID].Recalled = true },
		"a lost item":         func(c *count, _ *account) { c.items[item].Free-- },
		"a release":           func(c *count, _ *account) { c.items[item] = &Item{Counted: true, Free: 5} },
		"a stranger's item":   func(c *count, _ *account) { c.items[item] = &Item{Free: 5 - n, Kept: map[string]int{"nobody": n}} },
		"paid but cancelled":  func(c *count, _ *account) { c.entries[order.OrderID].Shipped = false },
		"no order of its own": func(c *count, _ *account) { delete(c.parcels, order.OrderID) },
	} {
		c, money := whole()
		breaks(c, &money)
		c.countOrder(order.OrderID, c.entries[order.OrderID], money)
		c.countItem(item, c.items[item], 5)
		if found := c.check() != nil; found != (name != "") {
			t.Errorf("%q: found is %t: %q", name, found, c.contradictory)
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
			bank.Charge(t.Context(), orderNumber(n).OrderID, 100)
		}
		bank.Refund(t.Context(), orderNumber(numberOf(t, prompt, "Iceland")).OrderID)
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

// TestArguments wants mistakes to be told, and help to be no mistake.
func TestArguments(t *testing.T) {
	for args, want := range map[string]int{"--help": 0, "--orders=-1": 2, "--patience=0s": 2, "--nosuch": 2, "order": 2, "--backend=sqlite:x.db": 2, "--backend=nosuch: --bank=x": 1} {
		var out bytes.Buffer
		err := runCommand(context.Background(), strings.Fields(args), &out, io.Discard)
		if got := exitCode(io.Discard, err); got != want {
			t.Errorf("%s exits with %d: %v", args, got, err)
		}
	}
	if !reflect.DeepEqual(orderNumber(3), orderNumber(3)) {
		t.Error("an order differs from itself")
	}
}
