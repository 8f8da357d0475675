package msgporder

import "time"

//go:generate go tool msgp -io=false -tests=false -file shapes.go

//msgp:newtime

// Paid is order.Paid.
type Paid struct {
	OrderID  string  `msg:"order_id"`
	Amount   float64 `msg:"amount"`
	Currency string  `msg:"currency"`
	Attempt  int     `msg:"attempt"`
	Captured bool    `msg:"captured"`
}

// Shipped is order.Shipped.
type Shipped struct {
	OrderID string   `msg:"order_id"`
	To      *Address `msg:"to"`
	Parcels []Parcel `msg:"parcels"`
	Notes   []string `msg:"notes"`
}

// Address is order.Address.
type Address struct {
	Name     string `msg:"name"`
	Street   string `msg:"street"`
	City     string `msg:"city"`
	PostCode string `msg:"post_code"`
	Country  string `msg:"country"`
}

// Parcel is order.Parcel.
type Parcel struct {
	Code   string  `msg:"code"`
	Weight float64 `msg:"weight"`
	Lines  []Line  `msg:"lines"`
	Scans  []Scan  `msg:"scans"`
}

// Scan is order.Scan.
type Scan struct {
	Place string    `msg:"place"`
	At    time.Time `msg:"at"`
	Late  bool      `msg:"late"`
}
