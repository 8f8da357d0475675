package cli

import (
	"io"
	"log/slog"

	"github.com/necrostack/necrogen/telemetry/logs"
)

// Logger returns a logger that writes lines of a format, text or json, from a level on: debug, info,
// warn or error. Call logs.Flush before the program ends.
func Logger(w io.Writer, format, level string) (*slog.Logger, error) {
	c, err := logs.Parse(format, level)
	if err != nil {
		return nil, err
	}
	return logs.New(w, c), nil
}
