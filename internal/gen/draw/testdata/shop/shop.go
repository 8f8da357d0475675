// Package shop has one of everything that a picture shows.
package shop

import (
	"context"

	necro "github.com/necrostack/necrogen/runtime"
)

//necro:event key=OrderID version=2
type OrderPlaced struct{ OrderID string }

//necro:event ORDER_PLACED
type OldOrderPlaced struct{ ID string }

//necro:upcast
func placed(o OldOrderPlaced) (OrderPlaced, error) { return OrderPlaced{o.ID}, nil }

//necro:event part-packed key=N
type PartPacked struct{ N int }

//necro:event output
type Shipped struct{ N int }

//necro:event
//necro:every "30 6 * * MON-FRI" tz=Europe/Berlin catchup=skip
type Stocktaking struct{ N int }

//necro:organ warehouse alias=old exclusive retry=5 timeout=2s
type Warehouse struct{}

//necro:handle retry=2
func (*Warehouse) Pack(ctx context.Context, o OrderPlaced, emit necro.Emit[PartPacked]) error {
	return nil
}

//necro:handle
func (*Warehouse) Count(ctx context.Context, e Stocktaking) error { return nil }

// Load is what waits for one carrier.
//
//necro:state version=2 ttl=90d
type Load struct {
	// Parts are those that were packed.
	Parts int `msgpack:"parts" validate:"max=100"`
	Last  Parcel
}

// Parcel is one of them.
type Parcel struct{ N int }

//necro:organ
type Carrier struct{}

//necro:handle
func (*Carrier) Ship(ctx context.Context, l *Load, e *PartPacked) (*Shipped, necro.End, error) {
	return nil, false, nil
}

//necro:organ audit
type Audit struct{}

//necro:handle
func (*Audit) Record(ctx context.Context, e necro.Event) error { return nil }
