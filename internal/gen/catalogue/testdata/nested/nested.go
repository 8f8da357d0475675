// Package nested has structs in events, and headings that would meet.
package nested

import (
	"context"

	"github.com/necrostack/necrogen/internal/gen/catalogue/testdata/nested/money"
)

//necro:event
type Order struct {
	Lines []Line                  `msgpack:"lines" validate:"max=50,dive"`
	Total *money.Amount           `msgpack:"total"`
	Tax   map[string]money.Amount `msgpack:"tax" validate:"max=3"`
}

// Line is one of an order.
type Line struct {
	SKU   string       `msgpack:"sku" validate:"required"` // what is sold
	Price money.Amount `msgpack:"price"`
}

//necro:event output
type Packed struct {
	SKU string `msgpack:"sku"`
}

//necro:event Events output
type Many struct{}

//necro:organ packed
type Warehouse struct{}

//necro:handle
func (*Warehouse) Pack(ctx context.Context, o Order) ([]Packed, []Many, error) { return nil, nil, nil }
