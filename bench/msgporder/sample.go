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
