package necro_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

func TestLevelsSayWhatBecameOfADelivery(t *testing.T) {
	var out bytes.Buffer
	attempt := 0
	s := open(t, necro.WithLogger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		necro.WithOrgans(&organ{name: "o", handle: func(context.Context, necro.Event, *contract.Emissions) error {
			switch attempt++; attempt {
			case 1:
				return errors.New("not now")
			case 3:
				return necro.Permanent(errors.New("never"))
			}
			return nil
		}}), necro.WithPolicy("o", necro.Backoff(time.Nanosecond, time.Nanosecond)))
	drained(t, s)
	drained(t, s)
	for _, want := range []string{`level=WARN msg="failed, will be tried again"`, "level=DEBUG msg=handled", `level=ERROR msg="dead letter"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no line with %s in\n%s", want, &out)
		}
	}
}
