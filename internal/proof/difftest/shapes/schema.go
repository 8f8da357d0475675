package shapes

import "time"

// Before and After are one event before and after its struct was changed: a program with either
// reads what the other writes.
//
//necro:event BEFORE
type Before struct {
	ID    string         `msgpack:"id"`
	Qty   int8           `msgpack:"qty"`
	Note  string         `msgpack:"note"`
	Gone  map[string]any `msgpack:"gone"`
	Leg   BeforeLeg      `msgpack:"leg"`
	Legs  []BeforeLeg    `msgpack:"legs"`
	Price float32        `msgpack:"price"`
	Tags  []string       `msgpack:"tags"`
	Plain string         `msgpack:"plain"`
	One   BeforeLeg      `msgpack:"one"`
}

// BeforeLeg is what a leg was.
type BeforeLeg struct {
	Symbol string `msgpack:"symbol"`
	Count  uint16 `msgpack:"count"`
}

// After has new fields, a new name and an order of its own; one field is gone, two are wider, one
// is a pointer now, and one was moved into an embedded struct.
//
//necro:event AFTER
type After struct {
	AfterBase
	Added   *AfterLeg     `msgpack:"added"`
	Comment string        `msgpack:"comment,alias:note"`
	Legs    []*AfterLeg   `msgpack:"legs"`
	Leg     AfterLeg      `msgpack:"leg"`
	Qty     int64         `msgpack:"qty"`
	Price   float64       `msgpack:"price"`
	Wait    time.Duration `msgpack:"wait"`
	Tags    []string      `msgpack:"tags"`
	Plain   *string       `msgpack:"plain"`
	One     *AfterLeg     `msgpack:"one"`
}

// AfterBase is embedded.
type AfterBase struct {
	ID string `msgpack:"id"`
}

// AfterLeg is what a leg became.
type AfterLeg struct {
	Venue  string `msgpack:"venue"`
	Count  int    `msgpack:"count"`
	Ticker string `msgpack:"ticker,alias:symbol"`
}
