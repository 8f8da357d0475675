package necro_test

import (
	"context"
	"log"
	"log/slog"
	"os"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// A failure is a warning while it is retried, and an error when it became a dead letter. Each
// line says which delivery it was; there are more attributes than are shown here.
func ExampleWithLogger() {
	ctx := context.Background()
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: some}))
	spine, err := necro.New(memory.New(), necro.WithOrgans(&Cards{}), necro.WithLogger(logger))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &OrderPlaced{OrderID: "order-1", Cents: 1250}); err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	// Output: level=ERROR msg="dead letter" event_type=ORDER_PLACED organ=shop.Cards attempt=1 error="unknown card" reason=permanent
}

// some leaves out the time, and ids.
func some(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.TimeKey, "event_id", "correlation_id", "emitted":
		return slog.Attr{}
	}
	return a
}
