package shapes

import (
	"context"
	"errors"

	"github.com/necrostack/necrogen/internal/proof/difftest/other"
	necro "github.com/necrostack/necrogen/runtime"
)

// PriceV1 is the first version of Price.
//
//necro:event PRICE
type PriceV1 struct {
	Cents int64 `msgpack:"cents"`
}

// Price is the second one.
//
//necro:event PRICE version=2 key=Cents alias=OLD_PRICE output
type Price struct {
	Cents    int64 `msgpack:"cents"`
	Currency Text  `msgpack:"currency"`
}

// RaisePrice refuses negative prices.
//
//necro:upcast
func RaisePrice(p PriceV1) (Price, error) {
	if p.Cents < 0 {
		return Price{}, errors.New("a negative price")
	}
	return Price{Cents: p.Cents, Currency: "EUR"}, nil
}

// Forms has a handler of each form. It counts its calls by name.
//
//necro:organ forms retry=3 backoff=10ms..2s timeout=1m30s onfail=drop order=strict exclusive breaker=5/30s
type Forms struct{ Calls []string }

func (o *Forms) noteCall(name string) { o.Calls = append(o.Calls, name) }

// ByValue takes and returns a value.
//
//necro:handle
func (o *Forms) ByValue(_ context.Context, s Scalars) Nothing {
	o.noteCall("ByValue " + s.ID)
	return Nothing{}
}

// ByPointer takes a pointer, and may emit nothing.
//
//necro:handle retry=1
func (o *Forms) ByPointer(_ context.Context, n *Naming) (*Nothing, *Price, error) {
	o.noteCall("ByPointer")
	if n.N < 0 {
		return nil, nil, errors.New("negative")
	}
	return nil, &Price{}, nil
}

// Lists returns slices.
//
//necro:handle
func (o *Forms) Lists(_ context.Context, _ Sequences) ([]Price, []*Nothing, error) {
	o.noteCall("Lists")
	return make([]Price, 2), []*Nothing{nil, {}}, nil
}

// Emits emits besides its result.
//
//necro:handle
func (o *Forms) Emits(_ context.Context, _ Pointers, prices necro.Emit[Price], more necro.Emit[other.Invoice]) (Nothing, error) {
	o.noteCall("Emits")
	prices(Price{})
	more(other.Invoice{Number: "0001"})
	return Nothing{}, nil
}

// OnlyEmits has no result.
//
//necro:handle
func (o *Forms) OnlyEmits(_ context.Context, _ Nesting, prices necro.Emit[Price]) {
	o.noteCall("OnlyEmits")
	prices(Price{})
}

// Silent returns nothing at all; Foreign takes an event of another package.
//
//necro:handle
func (o *Forms) Silent(context.Context, Omitting) { o.noteCall("Silent") }

// Foreign takes an event of another package.
//
//necro:handle
func (o *Forms) Foreign(_ context.Context, i other.Invoice) error {
	o.noteCall("Foreign " + i.Number)
	return nil
}

// All listens to everything.
//
//lint:ignore necro/organstate a test runs it in one process
//necro:organ
type All struct{ Names []string }

// Any takes every event.
//
//necro:handle
func (a *All) Any(_ context.Context, e necro.Event) error {
	a.Names = append(a.Names, e.NecroEvent().Name)
	return nil
}
