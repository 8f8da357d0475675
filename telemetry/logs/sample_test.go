package logs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/telemetry/logs"
)

// lines is where lines of JSON are written to, and read from.
type lines struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

// take returns the lines that were written since the last time.
func (l *lines) take(t *testing.T) (list []map[string]any) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.out.String()) {
		m := map[string]any{}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err, line)
		}
		list = append(list, m)
	}
	l.out.Reset()
	return list
}

// sampled returns a logger that writes 3 lines of a kind in 10 seconds.
func sampled(w *lines) *slog.Logger {
	return logs.New(w, logs.Config{JSON: true, Level: slog.LevelDebug, Burst: 3})
}

// want wants n lines, of which the last tells how many were left out.
func want(t *testing.T, l *lines, n int, repeated any) map[string]any {
	t.Helper()
	list := l.take(t)
	if len(list) != n {
		t.Fatalf("%d lines, want %d: %v", len(list), n, list)
	}
	for i, line := range list {
		if i < n-1 && line["repeated"] != nil || i == n-1 && line["repeated"] != repeated {
			t.Errorf("line %d tells %v, want %v by the last of %d", i+1, line["repeated"], repeated, n)
		}
	}
	return list[n-1]
}

func TestRepeatedErrorsAreThinnedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out lines
		log := sampled(&out)
		for range 8 {
			log.Error("dead letter", "organ", "shop.Billing", "event_id", time.Now().String(), "error", errors.New("down"))
			time.Sleep(time.Second)
		}
		want(t, &out, 3, nil)
		time.Sleep(6 * time.Second) // 14 s from the first on, 11 s from the first that was left out
		line := want(t, &out, 1, 5.0)
		if line["msg"] != "dead letter" || line["level"] != "ERROR" || line["organ"] != "shop.Billing" || line["event_id"] != nil {
			t.Errorf("what was left out is told as %v", line)
		}
		log.Error("dead letter", "organ", "shop.Billing", "error", errors.New("down"))
		want(t, &out, 1, nil)
	})
}

func TestTheNextLineTellsWhatWasLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out lines
		log := sampled(&out)
		for range 2 {
			log.Warn("slow")
		}
		time.Sleep(9 * time.Second)
		for range 4 {
			log.Warn("slow")
		}
		time.Sleep(2 * time.Second) // the interval is over, the time of who tells is not
		want(t, &out, 3, nil)
		log.Warn("slow")
		want(t, &out, 1, 3.0)
		time.Sleep(time.Minute)
		if list := out.take(t); len(list) > 0 {
			t.Errorf("told twice: %v", list)
		}
	})
}

func TestFlushTellsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out lines
		log := sampled(&out).With("organ", "o")
		for range 5 {
			log.Warn("slow")
		}
		logs.Flush(log)
		if line := want(t, &out, 4, 2.0); line["organ"] != "o" {
			t.Errorf("the organ is missing: %v", line)
		}
		logs.Flush(log)
		time.Sleep(time.Minute)
		if list := out.take(t); len(list) > 0 {
			t.Errorf("told twice: %v", list)
		}
		logs.Flush(slog.New(slog.DiscardHandler))
	})
}

func TestKinds(t *testing.T) {
	type logger = *slog.Logger
	for name, c := range map[string]struct {
		one, other func(logger, int)
		same       bool
	}{
		"level":    {func(l logger, i int) { l.Warn("m") }, func(l logger, i int) { l.Error("m") }, false},
		"message":  {func(l logger, i int) { l.Warn("m") }, func(l logger, i int) { l.Warn("n") }, false},
		"organ":    {func(l logger, i int) { l.Warn("m", "organ", "a") }, func(l logger, i int) { l.Warn("m", "organ", "b") }, false},
		"event":    {func(l logger, i int) { l.Warn("m", "event_type", "A") }, func(l logger, i int) { l.Warn("m", "event_type", "B") }, false},
		"reason":   {func(l logger, i int) { l.Warn("m", "reason", "A") }, func(l logger, i int) { l.Warn("m", "reason", "B") }, false},
		"bound":    {func(l logger, i int) { l.With("organ", "a").Warn("m") }, func(l logger, i int) { l.With("organ", "b").Warn("m") }, false},
		"bound to": {func(l logger, i int) { l.With("organ", "a").Warn("m") }, func(l logger, i int) { l.With("x", i).Warn("m", "organ", "a") }, true},
		"grouped":  {func(l logger, i int) { l.WithGroup("g").Warn("m", "organ", "a") }, func(l logger, i int) { l.WithGroup("g").Warn("m", "organ", "b") }, false},
		"id":       {func(l logger, i int) { l.Warn("m", "event_id", i) }, func(l logger, i int) { l.Warn("m", "event_id", "other") }, true},
		"error": {func(l logger, i int) { l.Warn("m", "error", fmt.Errorf("order-%d: no %q", i, time.Now())) },
			func(l logger, i int) { l.Warn("m", "error", errors.New(`order-x7: no "wax"`)) }, true},
		"other error": {func(l logger, i int) { l.Warn("m", "error", errors.New("refused")) }, func(l logger, i int) { l.Warn("m", "error", errors.New("timeout")) }, false},
		"far off": {func(l logger, i int) { l.Warn("m", "error", errors.New(strings.Repeat("a", 300))) },
			func(l logger, i int) { l.Warn("m", "error", errors.New(strings.Repeat("a", 299)+"b")) }, true},
		"panics": {func(l logger, i int) { l.Warn("m", "error", &hostile{}) }, func(l logger, i int) { l.Warn("m", "error", &hostile{}) }, true},
	} {
		var out lines
		log := sampled(&out)
		for i := range 3 {
			c.one(log, i)
		}
		out.take(t)
		if c.other(log, 3); (len(out.take(t)) == 0) != c.same {
			t.Errorf("%s: lines of one kind: %v, want %v", name, !c.same, c.same)
		}
		logs.Flush(log)
	}
}

// hostile has methods that panic.
type hostile struct{}

func (*hostile) Error() string { panic("no text") }

func TestBelowWarnNothingIsLeftOut(t *testing.T) {
	var out lines
	log := sampled(&out)
	for range 50 {
		log.Info("handled")
		log.Debug("handled")
	}
	if n := len(out.take(t)); n != 100 {
		t.Errorf("%d lines of 100", n)
	}
	log = logs.New(&out, logs.Config{Burst: -1})
	for range 50 {
		log.Error("dead letter")
	}
	if n := strings.Count(out.out.String(), "\n"); n != 50 {
		t.Errorf("%d lines of 50 without sampling", n)
	}
}

// TestNothingIsLost has goroutines log thousands of kinds at once, more than are told apart: what is
// written and what is told as left out is all of it.
func TestNothingIsLost(t *testing.T) {
	var out lines
	log := logs.New(&out, logs.Config{JSON: true, Interval: time.Millisecond})
	var wg sync.WaitGroup
	const writers, each = 4, 3000
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				log.With("organ", fmt.Sprint("o", w)).Warn("m", "line", i, "reason", fmt.Sprint(i%600))
			}
		})
	}
	wg.Wait()
	logs.Flush(log)
	all, written := 0, 0
	for _, line := range out.take(t) {
		if line["line"] != nil { // not a line that only tells
			all++
			written++
		}
		if n, ok := line["repeated"].(float64); ok {
			all += int(n)
		}
	}
	if all != writers*each {
		t.Errorf("%d lines, want %d", all, writers*each)
	}
}

// TestManyKindsAreBounded: where each line is of another kind, few are written all the same.
func TestManyKindsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out lines
		log := sampled(&out)
		for i := range 10_000 {
			log.Warn("m", "reason", fmt.Sprint(i))
		}
		if n := len(out.take(t)); n > 600 {
			t.Errorf("%d lines", n)
		}
		logs.Flush(log)
		if line := want(t, &out, 1, 10_000.0-512-3); line["msg"] != "lines of many kinds left out" {
			t.Errorf("%v", line)
		}
		time.Sleep(11 * time.Second)
		for range 3 {
			log.Warn("m", "reason", "new")
		}
		want(t, &out, 3, nil) // there is room again
	})
}

// TestTimeOfTheRecord: lines without a time, and of a clock that goes back, are written.
func TestTimeOfTheRecord(t *testing.T) {
	var out lines
	h := logs.Sample(slog.NewJSONHandler(&out, nil), 1, time.Hour)
	now := time.Now()
	for _, at := range []time.Time{now, now.Add(-time.Minute), now.Add(2 * time.Hour), {}} {
		if err := h.Handle(context.Background(), slog.NewRecord(at, slog.LevelWarn, "m", 0)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(out.take(t)); n != 4 {
		t.Errorf("%d lines of 4", n)
	}
}
