package rules_test

import (
	"fmt"

	"github.com/necrostack/necrogen/runtime/rules"
)

// What a generated validator calls for validate:"email", validate:"iso3166_1_alpha2" and so on
// can be called by hand, too.
func Example() {
	fmt.Println(rules.Email("ada@example.com"), rules.Email("ada@"))
	fmt.Println(rules.UUID4("9f1c2f0e-7a55-4c4b-8a2e-3d7f60c1b1aa"), rules.UUID4("9f1c2f0e"))
	fmt.Println(rules.CountryAlpha2("NZ"), rules.CountryAlpha2("XX"))
	fmt.Println(rules.Unique([]string{"a", "b"}), rules.Unique([]string{"a", "a"}))
	// Output:
	// true false
	// true false
	// true false
	// true false
}

// Paths in violations are made of these.
func ExampleKey() {
	fmt.Println(rules.Index("legs", 2), rules.Key("stock", "blue"), rules.Key("seats", 7))
	// Output: legs[2] stock[blue] seats[7]
}
