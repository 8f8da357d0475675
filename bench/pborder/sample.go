// Package pborder holds the same orders as Protocol Buffers have them. With protoc installed,
// order.pb.go is made so:
//
//	go build -o . google.golang.org/protobuf/cmd/protoc-gen-go
//	protoc --plugin=protoc-gen-go --go_out=. --go_opt=paths=source_relative order.proto
package pborder

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/necrostack/necrogen/bench/order"
)

// Sample returns order.Sample.
func Sample() *Placed {
	s := order.Sample()
	return &Placed{
		OrderId: s.OrderID, CustomerId: s.CustomerID, Email: s.Email, Currency: s.Currency, Amount: s.Amount,
		Channel: s.Channel, Discount: int64(s.Discount), Gift: s.Gift, Lines: lines(s.Lines), Coupon: s.Coupon,
		PlacedAt: timestamppb.New(s.PlacedAt),
	}
}

// SampleLabelled returns order.SampleLabelled.
func SampleLabelled() *Labelled {
	s := order.SampleLabelled()
	return &Labelled{
		OrderId: s.OrderID, CustomerId: s.CustomerID, Email: s.Email, Currency: s.Currency, Amount: s.Amount,
		Channel: s.Channel, Discount: int64(s.Discount), Gift: s.Gift, Lines: lines(s.Lines), Labels: s.Labels,
		PlacedAt: timestamppb.New(s.PlacedAt),
	}
}

// SamplePaid returns order.SamplePaid.
func SamplePaid() *Paid {
	s := order.SamplePaid()
	return &Paid{OrderId: s.OrderID, Amount: s.Amount, Currency: s.Currency, Attempt: int64(s.Attempt), Captured: s.Captured}
}

// SampleShipped returns order.SampleShipped.
func SampleShipped() *Shipped {
	s := order.SampleShipped()
	to := s.To
	out := &Shipped{
		OrderId: s.OrderID, Notes: s.Notes,
		To: &Address{Name: to.Name, Street: to.Street, City: to.City, PostCode: to.PostCode, Country: to.Country},
	}
	for _, p := range s.Parcels {
		parcel := &Parcel{Code: p.Code, Weight: p.Weight, Lines: lines(p.Lines)}
		for _, scan := range p.Scans {
			parcel.Scans = append(parcel.Scans, &Scan{Place: scan.Place, At: timestamppb.New(scan.At), Late: scan.Late})
		}
		out.Parcels = append(out.Parcels, parcel)
	}
	return out
}

func lines(list []order.Line) (out []*Line) {
	for _, l := range list {
		out = append(out, &Line{Sku: l.SKU, Quantity: int64(l.Quantity), Price: l.Price})
	}
	return out
}
