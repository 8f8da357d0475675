package necro_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// unreachable is a backend whose server is down.
type unreachable struct{ necro.Backend }

func (unreachable) Subscribe(context.Context, []contract.Subscription) ([]contract.Consumer, error) {
	return nil, errors.New("connection refused")
}

// By default a spine repeats what its backend fails to do for ever. With a limit it gives up,
// for whoever started the program to decide.
func ExampleWithMaxBackendFailures() {
	spine, err := necro.New(unreachable{memory.New()},
		necro.WithOrgans(&Shipping{}),
		necro.WithMaxBackendFailures(3),
		necro.WithLogger(nil), // else each failure is logged
	)
	if err != nil {
		log.Fatal(err)
	}
	err = spine.Run(context.Background())
	fmt.Println(errors.Is(err, necro.ErrBackendUnavailable))
	fmt.Println(err)
	// Output:
	// true
	// run: backend is unavailable: 3 calls failed in a row: subscribe: connection refused
}
