package necro_test

import (
	"context"
	"log"
	"log/slog"
	"os"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// Log lines show the event where that is asked for. Fields with the names of secrets are masked, and
// so are those that are named here.
func ExampleWithPayloadLog() {
	ctx := context.Background()
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: some}))
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Cards{}), necro.WithLogger(logger), necro.WithPayloadLog("cents"))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &OrderPlaced{OrderID: "order-1", Cents: 1250}); err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	// Output: level=ERROR msg="dead letter" event_type=ORDER_PLACED organ=shop.Cards attempt=1 payload="{\"order_id\":\"order-1\",\"cents\":\"***\"}" error="unknown card" reason=permanent
}
