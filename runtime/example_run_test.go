package necro_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// Counter sells until the shop closes.
//
//necro:organ shop.Counter
type Counter struct{ Close context.CancelFunc }

// Serve is still at work when the program is told to stop.
//
//necro:handle
func (c *Counter) Serve(ctx context.Context, o *OrderPlaced) error {
	c.Close()
	time.Sleep(100 * time.Millisecond)
	fmt.Println("served", o.OrderID, ctx.Err())
	return nil
}

// Run serves until its context ends, here by Ctrl-C or by the organ. What runs then may finish
// within the grace period. The rest is handed back, for the next Run or another process.
func ExampleSpine_Run() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	spine, err := necro.New(memory.New(),
		necro.WithOrgans(&Counter{Close: stop}),
		necro.WithGrace(5*time.Second),
	)
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range []string{"order-1", "order-2"} {
		if err := spine.Publish(ctx, &OrderPlaced{OrderID: id, Cents: 1250}); err != nil {
			log.Fatal(err)
		}
	}
	if err := spine.Run(ctx); err != nil {
		log.Fatal(err)
	}
	for _, organ := range spine.Health(context.Background()).Backend.Organs {
		fmt.Println(organ.Organ, "has", organ.Ready, "waiting")
	}
	// Output:
	// served order-1 <nil>
	// shop.Counter has 1 waiting
}
