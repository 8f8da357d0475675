package msgporder

import "github.com/necrostack/necrogen/bench/order"

// Sample returns order.Sample.
func Sample() Placed {
	s := order.Sample()
	return Placed{
		s.OrderID, s.CustomerID, s.Email, s.Currency, s.Amount, s.Channel, s.Discount, s.Gift,
		lines(s.Lines), s.Coupon, s.PlacedAt,
	}
}

// SampleLabelled returns order.SampleLabelled.
func SampleLabelled() Labelled {
	s := order.SampleLabelled()
	return Labelled{
		s.OrderID, s.CustomerID, s.Email, s.Currency, s.Amount, s.Channel, s.Discount, s.Gift,
		lines(s.Lines), s.Labels, s.PlacedAt,
	}
}

func lines(list []order.Line) (out []Line) {
	for _, l := range list {
		out = append(out, Line(l))
	}
	return out
}

// SamplePaid returns order.SamplePaid.
func SamplePaid() Paid { return Paid(order.SamplePaid()) }

// SampleShipped returns order.SampleShipped.
func SampleShipped() Shipped {
	s := order.SampleShipped()
	out := Shipped{OrderID: s.OrderID, To: (*Address)(s.To), Notes: s.Notes}
	for _, p := range s.Parcels {
		parcel := Parcel{Code: p.Code, Weight: p.Weight, Lines: lines(p.Lines)}
		for _, scan := range p.Scans {
			parcel.Scans = append(parcel.Scans, Scan(scan))
		}
		out.Parcels = append(out.Parcels, parcel)
	}
	return out
}
