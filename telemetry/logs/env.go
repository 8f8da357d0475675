package logs

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/necrostack/necrogen/internal/environ"
)

// The variables that FromEnv reads.
const (
	EnvFormat = environ.LogFormat // text or json
	EnvLevel  = environ.LogLevel  // debug, info, warn or error
)

// FromEnv is New as NECRO_LOG_FORMAT and NECRO_LOG_LEVEL say, whose defaults are text and info. Other
// values, and other variables that begin with NECRO_LOG_, are errors.
func FromEnv(w io.Writer) (*slog.Logger, error) {
	c, err := Parse(os.Getenv(EnvFormat), os.Getenv(EnvLevel))
	if err != nil {
		err = fmt.Errorf("%s, %s: %w", EnvFormat, EnvLevel, err)
	}
	if err = errors.Join(err, environ.Check(os.Environ(), "NECRO_LOG_")); err != nil {
		return nil, err
	}
	return New(w, c), nil
}

// Parse reads a format, text or json, and a level: debug, info, warn or error. Empty ones are text and
// info.
func Parse(format, level string) (c Config, err error) {
	switch format {
	case "json":
		c.JSON = true
	case "text", "":
	default:
		err = fmt.Errorf("log format %q: need text or json", format)
	}
	if level != "" && (c.Level.UnmarshalText([]byte(level)) != nil || strings.ContainsAny(level, "+-")) {
		err = errors.Join(err, fmt.Errorf("log level %q: need debug, info, warn or error", level))
	}
	return c, err
}
