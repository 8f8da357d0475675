// Package logs makes loggers for services: text for people or JSON for machines, with secrets masked and
// repeated errors thinned out. It needs nothing but the standard library, and its handlers are those of
// log/slog, which can be composed with others.
//
//	logs.go    a logger with all of it
//	env.go     the same, as the environment says
//	mask.go    the handler that masks secrets
//	value.go   how values are masked that are no strings
//	sample.go  the handler that thins out
//	kind.go    which lines are of one kind
package logs

import (
	"io"
	"log/slog"
	"time"
)

// Config is the configuration of [New]. Its zero value makes a logger of text from info on.
type Config struct {
	// JSON writes lines of JSON; otherwise they are text.
	JSON bool
	// Level is the lowest that is written.
	Level slog.Level
	// Burst is how many warnings and errors of a kind are written in an Interval, see Sample. 0 is
	// DefaultBurst; less than 0 is all of them.
	Burst int
	// Interval is DefaultInterval when it is 0.
	Interval time.Duration
	// Secrets are further names of attributes and fields that are masked, see Mask.
	Secrets []string
}

// Defaults of a Config.
const (
	DefaultBurst    = 10
	DefaultInterval = 10 * time.Second
)

// New returns a logger that writes to w. Call Flush before the program ends.
func New(w io.Writer, c Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.Level}
	var h slog.Handler = slog.NewTextHandler(w, options)
	if c.JSON {
		h = slog.NewJSONHandler(w, options)
	}
	h = Mask(h, c.Secrets...)
	if c.Burst >= 0 {
		h = Sample(h, c.Burst, c.Interval)
	}
	return slog.New(h)
}

// Flush tells what a logger of New, or one with a handler of Sample, has left out by now. It does
// nothing for other loggers.
func Flush(log *slog.Logger) {
	if s, ok := log.Handler().(*Sampler); ok {
		s.Flush()
	}
}
