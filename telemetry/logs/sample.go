package logs

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/necrostack/necrogen/internal/redact"
)

// Repeated is the attribute that says how many lines of a line's kind were left out before it.
const Repeated = "repeated"

// maxKinds bounds the memory of a Sampler. Kinds beyond it share one entry.
const maxKinds = 512

// Sampler is the handler that Sample returns.
type Sampler struct {
	next  slog.Handler
	bound string // the kind that attributes of With make
	kinds *kinds // shared with the handlers made of this one
}

// kinds are the lines of late.
type kinds struct {
	root     slog.Handler
	burst    int
	interval time.Duration

	mu    sync.Mutex
	known map[string]*kind
	more  kind        // of lines whose kind is not known, since too many are
	timer *time.Timer // reports lines that were left out; nil while there are none
}

// kind counts lines that are alike.
type kind struct {
	since   time.Time // when the interval began
	written int       // in the interval
	left    int       // out, and not told yet
	summary slog.Record
	next    slog.Handler // of the summary
}

// Sample returns a handler that hands lines on to another one, but of warnings and errors of one kind only a
// burst in each interval. Lines are of one kind when they agree in level, message and the attributes organ,
// event_type, reason, call and error, in which words with digits and quoted texts do not count. How many were
// left out is told as an attribute "repeated": by the next line of the kind that is written, or at the end of
// the interval by a line with those attributes alone. The written lines and the counts in "repeated" add up to
// all lines. At most 512 kinds are told apart at a time. Lines below warn are all written. Burst and interval
// are DefaultBurst and DefaultInterval when they are not over 0. It is safe for concurrent use.
func Sample(next slog.Handler, burst int, interval time.Duration) *Sampler {
	if burst <= 0 {
		burst = DefaultBurst
	}
	if interval <= 0 {
		interval = DefaultInterval
	}
	return &Sampler{next: next, kinds: &kinds{root: next, burst: burst, interval: interval, known: map[string]*kind{}}}
}

// Enabled reports whether the next handler takes the level.
func (s *Sampler) Enabled(ctx context.Context, level slog.Level) bool {
	return s.next.Enabled(ctx, level)
}

// Handle writes a line, or counts it.
func (s *Sampler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelWarn {
		return s.next.Handle(ctx, r)
	}
	repeated, write := s.kinds.countLine(s, &r)
	if !write {
		return nil
	}
	if repeated > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int(Repeated, repeated))
	}
	return s.next.Handle(ctx, r)
}

// WithAttrs returns a handler whose attributes count for the kind, too.
func (s *Sampler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return s
	}
	_, text := kindOf(attrs)
	return &Sampler{s.next.WithAttrs(attrs), s.bound + text, s.kinds}
}

// WithGroup returns a handler that counts together with this one.
func (s *Sampler) WithGroup(name string) slog.Handler {
	if name == "" {
		return s
	}
	return &Sampler{s.next.WithGroup(name), s.bound, s.kinds}
}

// Flush writes a line for each kind of which lines were left out since its last line.
func (s *Sampler) Flush() { s.kinds.tellLeftOut() }

// countLine counts a line. It reports whether to write the line, and how many lines it reports as left out.
func (k *kinds) countLine(s *Sampler, r *slog.Record) (repeated int, write bool) {
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	kept, text := kindOf(attrs)
	now := r.Time
	if now.IsZero() {
		now = time.Now()
	}

	k.mu.Lock()
	defer k.mu.Unlock()
	this := k.findKind(fmt.Sprintf("%d %q %s%s", r.Level, redact.Cut(r.Message, maxCounts), s.bound, text), now)
	if age := now.Sub(this.since); age < 0 || age >= k.interval {
		this.since, this.written = now, 0
	}
	if this.written < k.burst {
		this.written++
		repeated, this.left = this.left, 0
		return repeated, true
	}
	if this.left++; this.left == 1 {
		this.next, this.summary = s.next, slog.NewRecord(now, r.Level, r.Message, r.PC)
		this.summary.AddAttrs(kept...)
	}
	if k.timer == nil {
		k.timer = time.AfterFunc(k.interval, k.tellLeftOut)
	}
	return 0, false
}

// findKind returns the kind of a name, which it makes while there is room.
func (k *kinds) findKind(name string, now time.Time) *kind {
	if this := k.known[name]; this != nil {
		return this
	}
	if len(k.known) >= maxKinds {
		k.forgetOld(now)
	}
	if len(k.known) >= maxKinds {
		return &k.more
	}
	this := new(kind)
	k.known[name] = this
	return this
}

// forgetOld drops the kinds whose interval is over and whose left-out lines are all reported.
func (k *kinds) forgetOld(now time.Time) {
	for name, this := range k.known {
		if this.left == 0 && now.Sub(this.since) >= k.interval {
			delete(k.known, name)
		}
	}
}

// tellLeftOut writes a line for each kind with lines that were left out, the oldest kind first.
func (k *kinds) tellLeftOut() {
	for _, this := range k.takeLeftOut() {
		ctx, r := context.Background(), this.summary
		if r.Time = time.Now(); this.next.Enabled(ctx, r.Level) {
			r.AddAttrs(slog.Int(Repeated, this.left))
			_ = this.next.Handle(ctx, r) // an error has no caller to go to
		}
	}
}

// takeLeftOut returns the kinds with lines that were left out, and counts these lines as reported.
func (k *kinds) takeLeftOut() []kind {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.timer != nil {
		k.timer.Stop()
		k.timer = nil
	}
	if k.more.left > 0 {
		k.more.next, k.more.summary = k.root, slog.NewRecord(time.Now(), slog.LevelError, "lines of many kinds left out", 0)
	}
	var list []kind
	for _, this := range append(slices.Collect(maps.Values(k.known)), &k.more) {
		if this.left > 0 {
			list = append(list, *this)
			this.left = 0
		}
	}
	k.forgetOld(time.Now())
	slices.SortFunc(list, func(a, b kind) int { return a.summary.Time.Compare(b.summary.Time) })
	return list
}
