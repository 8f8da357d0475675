package main

import (
	"testing"

	"github.com/necrostack/necrogen/runtime/necrotest"
)

func Example() {
	main()
	// Output: Hello, world!
}

// TestGreet hands one event to one organ.
func TestGreet(t *testing.T) {
	if fed := necrotest.Feed(t, &Greeter{}, &Greeted{Name: "gopher"}); fed.Err != nil {
		t.Error(fed.Err)
	}
}

// TestGenerated fails when generated code of this module is missing or stale.
func TestGenerated(t *testing.T) { necrotest.Check(t) }
