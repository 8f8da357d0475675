package order

import "time"

// Sample returns a valid order of three lines.
func Sample() Placed {
	coupon := "WELCOME10"
	return Placed{
		OrderID:    "0191e2a4-7c3b-7d52-9c1e-5f0a3b6d8e21",
		CustomerID: "7f6c1d90-3b2e-4a58-8d47-92e0c5b1f3a6",
		Email:      "ada.lovelace@example.com",
		Currency:   "EUR",
		Amount:     129.95,
		Channel:    "web",
		Discount:   10,
		Gift:       true,
		Lines:      []Line{{"BK-00417", 1, 59.95}, {"BK-00983", 2, 25}, {"PN-00021", 4, 5}},
		Coupon:     &coupon,
		PlacedAt:   time.Date(2026, 3, 14, 15, 9, 26, 535897932, time.UTC),
	}
}

// SampleLabelled returns the same order with four labels.
func SampleLabelled() Labelled {
	s := Sample()
	return Labelled{
		s.OrderID, s.CustomerID, s.Email, s.Currency, s.Amount, s.Channel, s.Discount, s.Gift, s.Lines,
		map[string]string{"campaign": "spring", "device": "mobile", "region": "eu-west", "tier": "gold"},
		s.PlacedAt,
	}
}
