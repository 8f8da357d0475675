package difftest

import (
	"reflect"
	"slices"
	"testing"

	"github.com/necrostack/necrogen/internal/proof/difftest/other"
	"github.com/necrostack/necrogen/internal/proof/difftest/shapes"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

func handle(t *testing.T, o necro.Organ, e necro.Event) error {
	t.Helper()
	for _, r := range o.NecroOrgan().Routes {
		if r.Event.Is(e) {
			return r.Handle(t.Context(), e, new(contract.Emissions))
		}
	}
	t.Fatalf("no route for %T", e)
	return nil
}

// TestForms calls a handler of every form through the dispatch table.
func TestForms(t *testing.T) {
	o := &shapes.Forms{}
	for _, e := range []necro.Event{
		&shapes.Scalars{ID: "7"}, &shapes.Naming{}, &shapes.Sequences{}, &shapes.Pointers{},
		&shapes.Nesting{}, &shapes.Omitting{}, &other.Invoice{Number: "0001"},
	} {
		if err := handle(t, o, e); err != nil {
			t.Error(err)
		}
	}
	want := []string{"ByValue 7", "ByPointer", "Lists", "Emits", "OnlyEmits", "Silent", "Foreign 0001"}
	if !slices.Equal(o.Calls, want) {
		t.Errorf("%q", o.Calls)
	}
	if err := handle(t, o, &shapes.Naming{N: -1}); err == nil {
		t.Error("the handler's error is lost")
	}
}

// TestAll: an interface handler is a route for every event of its package and its imports.
func TestAll(t *testing.T) {
	o := &shapes.All{}
	for _, e := range []necro.Event{&shapes.Ruled{}, &other.Invoice{}} {
		if err := handle(t, o, e); err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(o.Names, []string{"RULED", "INVOICE"}) {
		t.Errorf("%q", o.Names)
	}
}

func TestEmits(t *testing.T) {
	emits := map[string][]string{}
	for _, r := range new(shapes.Forms).NecroOrgan().Routes {
		for _, e := range r.Emits {
			emits[r.Method] = append(emits[r.Method], e.Name)
		}
	}
	want := map[string][]string{
		"ByValue": {"NOTHING"}, "ByPointer": {"NOTHING", "PRICE"}, "Lists": {"PRICE", "NOTHING"},
		"Emits": {"NOTHING", "PRICE", "INVOICE"}, "OnlyEmits": {"PRICE"},
	}
	if !reflect.DeepEqual(emits, want) {
		t.Errorf("%v", emits)
	}
}

// TestUpcast goes from version to version, and back by Previous.
func TestUpcast(t *testing.T) {
	newest := (*shapes.Price)(nil).NecroEvent()
	old := newest.Previous
	if old == nil || old.Version != 1 || newest.Version != 2 || newest.Upcast != nil {
		t.Fatalf("%+v", newest)
	}
	e, err := old.Upcast(&shapes.PriceV1{Cents: 5})
	if err != nil || *e.(*shapes.Price) != (shapes.Price{Cents: 5, Currency: "EUR"}) {
		t.Errorf("%v, %v", e, err)
	}
	if _, err := old.Upcast(&shapes.PriceV1{Cents: -5}); err == nil {
		t.Error("the upcast's error is lost")
	}
	if key := newest.Key(&shapes.Price{Cents: -5}); key != "-5" {
		t.Errorf("key %q", key)
	}
}
