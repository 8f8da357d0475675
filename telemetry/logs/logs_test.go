package logs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"testing/slogtest"

	"github.com/necrostack/necrogen/telemetry/logs"
)

// errorsOnly makes an error of each line, so that sampling counts it.
type errorsOnly struct{ slog.Handler }

func (h errorsOnly) Handle(ctx context.Context, r slog.Record) error {
	r.Level = slog.LevelError
	return h.Handler.Handle(ctx, r)
}
func (h errorsOnly) WithAttrs(attrs []slog.Attr) slog.Handler {
	return errorsOnly{h.Handler.WithAttrs(attrs)}
}
func (h errorsOnly) WithGroup(name string) slog.Handler { return errorsOnly{h.Handler.WithGroup(name)} }

func TestHandlersConform(t *testing.T) {
	for name, made := range map[string]func(slog.Handler) slog.Handler{
		"Mask":   func(h slog.Handler) slog.Handler { return logs.Mask(h) },
		"Sample": func(h slog.Handler) slog.Handler { return errorsOnly{logs.Sample(h, 0, 0)} },
		"Both":   func(h slog.Handler) slog.Handler { return errorsOnly{logs.Sample(logs.Mask(h), 1, 0)} },
		"Turned": func(h slog.Handler) slog.Handler { return errorsOnly{logs.Mask(logs.Sample(h, 1, 0))} },
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			slogtest.Run(t, func(*testing.T) slog.Handler {
				out.Reset()
				return made(slog.NewJSONHandler(&out, nil))
			}, func(t *testing.T) map[string]any {
				line := map[string]any{}
				if err := json.Unmarshal(out.Bytes(), &line); err != nil {
					t.Fatal(err)
				}
				return line
			})
		})
	}
}

func TestFromEnv(t *testing.T) {
	for _, c := range []struct{ format, level, want, unwanted string }{
		{"", "", "level=INFO msg=i", "msg=d"},
		{"text", "debug", "level=DEBUG msg=d", "{"},
		{"json", "error", `"msg":"e"`, `"msg":"w"`},
		{"JSON", "", `log format "JSON": need text or json`, ""},
		{"text", "loud", `log level "loud": need debug, info, warn or error`, ""},
		{"text", "info+1", `log level "info+1"`, ""},
	} {
		t.Setenv("NECRO_LOG_FORMAT", c.format)
		t.Setenv("NECRO_LOG_LEVEL", c.level)
		var out bytes.Buffer
		log, err := logs.FromEnv(&out)
		if err != nil {
			out.WriteString(err.Error())
		} else {
			log.Debug("d")
			log.Info("i")
			log.Warn("w")
			log.Error("e")
		}
		if got := out.String(); !strings.Contains(got, c.want) || c.unwanted != "" && strings.Contains(got, c.unwanted) || (err != nil) != (c.unwanted == "") {
			t.Errorf("%s, %s: %s", c.format, c.level, got)
		}
	}
	t.Setenv("NECRO_LOG_FORMAT", "")
	t.Setenv("NECRO_LOG_LEVEL", "")
	t.Setenv("NECRO_LOG_LEVLE", "info")
	if _, err := logs.FromEnv(new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), "did you mean NECRO_LOG_LEVEL?") {
		t.Errorf("a slip in a name: %v", err)
	}
}
