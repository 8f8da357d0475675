package order

import "time"

// Paid is small and flat.
//
//necro:event ORDER_PAID key=OrderID output
type Paid struct {
	OrderID  string  `msgpack:"order_id" validate:"required,uuid"`
	Amount   float64 `msgpack:"amount" validate:"gt=0"`
	Currency string  `msgpack:"currency" validate:"len=3"`
	Attempt  int     `msgpack:"attempt" validate:"gte=1"`
	Captured bool    `msgpack:"captured"`
}

// Shipped is large and nested.
//
//necro:event ORDER_SHIPPED key=OrderID output
type Shipped struct {
	OrderID string   `msgpack:"order_id" validate:"required,uuid"`
	To      *Address `msgpack:"to" validate:"required"`
	Parcels []Parcel `msgpack:"parcels" validate:"required,dive"`
	Notes   []string `msgpack:"notes"`
}

// Address is where parcels go.
type Address struct {
	Name     string `msgpack:"name" validate:"required"`
	Street   string `msgpack:"street" validate:"required"`
	City     string `msgpack:"city" validate:"required"`
	PostCode string `msgpack:"post_code" validate:"required"`
	Country  string `msgpack:"country" validate:"len=2"`
}

// Parcel is one box of an order.
type Parcel struct {
	Code   string  `msgpack:"code" validate:"required"`
	Weight float64 `msgpack:"weight" validate:"gt=0"`
	Lines  []Line  `msgpack:"lines" validate:"required,dive"`
	Scans  []Scan  `msgpack:"scans"`
}

// Scan is a sight of a parcel on its way.
type Scan struct {
	Place string    `msgpack:"place"`
	At    time.Time `msgpack:"at"`
	Late  bool      `msgpack:"late"`
}

// SamplePaid returns a valid payment.
func SamplePaid() Paid {
	return Paid{OrderID: Sample().OrderID, Amount: 129.95, Currency: "EUR", Attempt: 1, Captured: true}
}

// SampleShipped returns a valid order of eight parcels, each with six lines and five scans.
func SampleShipped() Shipped {
	s := Shipped{
		OrderID: Sample().OrderID,
		To:      &Address{"Ada Lovelace", "12 St James's Square", "London", "SW1Y 4JH", "GB"},
		Notes:   []string{"ring twice", "not on Sundays"},
	}
	for range 8 {
		p := Parcel{Code: "00340434161094042557", Weight: 2.75}
		for range 2 {
			p.Lines = append(p.Lines, Sample().Lines...)
		}
		for hour := range 5 {
			p.Scans = append(p.Scans, Scan{"Hamburg", Sample().PlacedAt.Add(time.Duration(hour) * time.Hour), hour == 4})
		}
		s.Parcels = append(s.Parcels, p)
	}
	return s
}
