package main

import (
	"github.com/go-playground/validator/v10"

	"github.com/necrostack/necrogen/bench/order"
	necro "github.com/necrostack/necrogen/runtime"
)

// validateContests: the rules of valid events.
func validateContests() []contest {
	placed, paid, shipped := order.Sample(), order.SamplePaid(), order.SampleShipped()
	return []contest{
		validationContest("validate", "the ten rules of a valid order", speed(40), &placed),
		validationContest("validate/flat", "the five rules of a flat event of 5 fields", speed(0), &paid),
		validationContest("validate/nested", "a nested event of 8 parcels and 48 lines", speed(0), &shipped),
	}
}

func validationContest(name, what string, goal goal, e necro.Event) contest {
	reference := validator.New()
	return contest{
		name:  name,
		title: "validate " + what,
		ours:  contestant{"necro Validate", repeatWork(e.Validate)},
		peers: []peer{
			{contestant{"go-playground/validator Struct", repeatWork(func() error { return reference.Struct(e) })}, goal},
		},
	}
}

// repeatWork opens a contestant that does the same again and again.
func repeatWork(do func() error) func() work {
	return func() work {
		return work{run: func(n int) {
			for range n {
				checkError(do())
			}
		}, leave: func() {}}
	}
}
