package main

import (
	"github.com/go-playground/validator/v10"

	"github.com/necrostack/necrogen/bench/order"
)

// validateContests: the rules of a valid order.
func validateContests() []contest {
	e := order.Sample()
	reference := validator.New()
	return []contest{{
		name:  "validate",
		title: "validate the ten rules of a valid order",
		ours:  contestant{"necro Validate", repeat(e.Validate)},
		peers: []peer{
			{contestant{"go-playground/validator Struct", repeat(func() error { return reference.Struct(&e) })}, speed(40)},
		},
	}}
}

// repeat opens a contestant that does the same again and again.
func repeat(do func() error) func() work {
	return func() work {
		return work{run: func(n int) {
			for range n {
				check(do())
			}
		}, leave: func() {}}
	}
}
