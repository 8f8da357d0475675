package logs_test

import (
	"errors"
	"log"
	"log/slog"
	"os"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/telemetry/logs"
)

// A service logs as its environment says: NECRO_LOG_FORMAT=json NECRO_LOG_LEVEL=warn.
func ExampleFromEnv() {
	logger, err := logs.FromEnv(os.Stderr)
	if err != nil {
		log.Fatal(err)
	}
	defer logs.Flush(logger)
	spine, err := necro.New(memory.New(), necro.WithLogger(logger))
	if err != nil {
		log.Fatal(err)
	}
	defer spine.Close()
}

// Of what fails again and again three lines are written, and how many more there were. New puts the
// same together.
func ExampleSample() {
	logger := slog.New(logs.Sample(logs.Mask(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: noTime})), 3, 0))
	for range 500 {
		logger.Warn("backend call failed", "call", "fetch", "error", errors.New("dial redis://u:hunter2@db:6379: refused"))
	}
	logs.Flush(logger)
	// Output:
	// level=WARN msg="backend call failed" call=fetch error="dial redis://u:***@db:6379: refused"
	// level=WARN msg="backend call failed" call=fetch error="dial redis://u:***@db:6379: refused"
	// level=WARN msg="backend call failed" call=fetch error="dial redis://u:***@db:6379: refused"
	// level=WARN msg="backend call failed" call=fetch repeated=497
}

// The handlers fit around any other.
func ExampleMask() {
	logger := slog.New(logs.Mask(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: noTime}), "iban"))
	logger.Info("paid", "iban", "DE02 1203 0000 0000 2020 51", slog.Group("card", "token", "tok_4711", "brand", "visa"))
	// Output: {"level":"INFO","msg":"paid","iban":"***","card":{"token":"***","brand":"visa"}}
}
