package contract_test

import (
	"reflect"
	"testing"

	"github.com/necrostack/necrogen/runtime/contract"
)

type leg struct {
	Qty int `msgpack:"qty,omitempty"`
}

type mixin struct {
	Mixed string `msgpack:"mixed"`
	None  *leg   `msgpack:"none"`
}

type valued struct {
	mixin
	Legs   []leg           `msgpack:"legs"`
	Stock  map[string]leg  `msgpack:"stock"`
	Counts map[int16]int   `msgpack:"counts"`
	Any    any             `msgpack:"any"`
	Grid   [2][]string     `msgpack:"grid"`
	Deep   **leg           `msgpack:"deep"`
	Out    string          `msgpack:"-"`
	Plain  map[string]bool `msgpack:",omitempty"`
	hidden int             `msgpack:"hidden"`
}

// TestViolationValue: the value at a path is found, and only there.
func TestViolationValue(t *testing.T) {
	p := &leg{4}
	e := &valued{
		mixin: mixin{Mixed: "m"}, Legs: []leg{{1}, {2}}, Stock: map[string]leg{"a.b[0]": {3}, "a": {5}},
		Counts: map[int16]int{-7: 8}, Any: []any{"x", map[string]any{"k": 1}}, Grid: [2][]string{1: {"g"}},
		Deep: &p, Out: "o", Plain: map[string]bool{"": true}, hidden: 9,
	}
	for path, want := range map[string]any{
		"": e, "mixed": "m", "legs": e.Legs, "legs[1].qty": 2, "stock[a.b[0]].qty": 3, "stock[a].qty": 5, "counts[-7]": 8,
		"any[0]": "x", "any[1][k]": 1, "grid[1][0]": "g", "deep.qty": 4, "Out": "o", "Plain[]": true, "none": (*leg)(nil),
		"leg": nil, "legs[2].qty": nil, "legs[x]": nil, "none.qty": nil, "stock[b]": nil, "hidden": nil, "mixed.x": nil,
	} {
		got, ok := contract.Violation{Path: path}.Value(e)
		if ok != (want != nil) || ok && !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %v, %v, want %v", path, got, ok, want)
		}
	}
	if _, ok := (contract.Violation{Path: "x"}).Value(nil); ok {
		t.Error("nil has a value")
	}
}
