package necroprom_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/telemetry/necroprom"
)

// Metrics are connected with a spine twice: by its option, and by Watch.
func ExampleMetrics() {
	ctx := context.Background()
	metrics := necroprom.NewMetrics()
	spine, err := necro.New(memory.New(),
		necro.WithOrgans(&Till{fails: func(*Ordered) error { return nil }}),
		metrics.Instrument(),
	)
	if err != nil {
		log.Fatal(err)
	}
	metrics.Watch(spine)
	registry := prometheus.NewRegistry()
	registry.MustRegister(metrics)
	handler := promhttp.HandlerFor(registry, promhttp.HandlerOpts{}) // for /metrics

	if err := spine.Publish(ctx, &Ordered{N: 1}); err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	text, _ := io.ReadAll(answer.Body)
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "necro_deliveries_handled_total") {
			fmt.Print(line)
		}
	}
	// Output: necro_deliveries_handled_total{event="NECROPROM_ORDERED",organ="necroprom.Till"} 1
}
