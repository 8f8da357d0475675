package necro_test

import (
	"fmt"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// All mistakes are reported at once.
func ExampleNew() {
	_, err := necro.New(memory.New(),
		necro.WithOrgans(&Billing{}, &Shipping{}),
		necro.WithPolicy("shop.Biling", necro.Retry(8)),
		necro.WithPolicy("shop.Shipping", necro.Concurrency(0)),
		necro.WithGrace(-time.Second),
	)
	fmt.Println(err)
	// Output:
	// new spine: WithGrace(-1s): need a duration over 0
	// organ shop.Shipping: Concurrency(0): need at least 1
	// WithPolicy("shop.Biling"): no such organ; there are [shop.Billing shop.Shipping]
}
