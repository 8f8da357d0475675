package necro

import (
	"context"
	"log/slog"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// bookOutcomes enters settled outcomes in the counters and the log, and stops the run when one of
// them halts it. After a repeated call an outcome that was not applied may have been
// applied by the first: then it counts as applied.
func (o *organ) bookOutcomes(r *run, outcomes []contract.Outcome, results []result, applied []bool, repeated bool) {
	debug := o.spine.config.log.Enabled(r.settling, slog.LevelDebug)
	var batch tally
	for i := range outcomes {
		out, res := &outcomes[i], &results[i]
		if applied != nil && !applied[i] && !repeated {
			res.route.stats.lost.Add(1)
			o.logDelivery(slog.LevelWarn, "outcome not applied: somebody else settled the delivery first", out, res)
			continue
		}
		if out.Kind == contract.OutcomeAck && res.failure == nil {
			batch.noteHandled(res.route, len(out.Emit))
			if debug {
				o.logDelivery(slog.LevelDebug, "handled", out, res)
			}
			continue
		}
		o.bookFailure(r, out, res)
	}
	batch.flushCounts()
}

// tally counts handled deliveries of one route after the other, so that the counters are
// touched once a run of them.
type tally struct {
	route             *route
	handledN, emitted uint64
}

func (t *tally) noteHandled(r *route, emitted int) {
	if t.route != r {
		t.flushCounts()
		t.route = r
	}
	t.handledN++
	t.emitted += uint64(emitted)
}

func (t *tally) flushCounts() {
	if t.handledN > 0 {
		t.route.stats.handled.Add(t.handledN)
		t.route.stats.emitted.Add(t.emitted)
	}
	t.handledN, t.emitted = 0, 0
}

// bookFailure enters an outcome that is not a success.
func (o *organ) bookFailure(r *run, out *contract.Outcome, res *result) {
	stats := &res.route.stats
	switch out.Kind {
	case contract.OutcomeAck:
		stats.dropped.Add(1)
		o.logDelivery(slog.LevelError, "dropped", out, res)
	case contract.OutcomeRetry:
		stats.retried.Add(1)
		o.logDelivery(slog.LevelWarn, "failed, will be tried again", out, res)
	case contract.OutcomeDecline:
		stats.declined.Add(1)
		o.logDelivery(slog.LevelWarn, "declined", out, res, slog.String("error", o.describeUnknown(out.Delivery.Type)))
	case contract.OutcomeDead:
		stats.dead.Add(1)
		o.logDelivery(slog.LevelError, "dead letter", out, res)
		if out.Death.Halt {
			r.stopFor(&HaltedError{Organ: o.name, Event: out.Delivery.Type.Name, ID: out.Delivery.ID, Err: res.failure.err})
		}
	}
}

// logDelivery writes a line about a delivery.
func (o *organ) logDelivery(level slog.Level, msg string, out *contract.Outcome, res *result, more ...slog.Attr) {
	d := out.Delivery
	attrs := append(append(o.logAttrs(level, d), slog.Int("emitted", len(out.Emit))), more...)
	if res.failure != nil {
		attrs = append(attrs, slog.Any("error", res.failure.err))
	}
	if out.Kind == contract.OutcomeRetry || out.Kind == contract.OutcomeDecline {
		attrs = append(attrs, slog.Duration("delay", out.Delay))
	}
	if out.Death != nil {
		attrs = append(attrs, slog.String("reason", string(out.Death.Reason)))
	}
	o.spine.config.log.LogAttrs(context.Background(), level, msg, attrs...)
}

// logAttrs are what every line about a delivery carries. The payload is among them when it was asked
// for, and the line is written.
func (o *organ) logAttrs(level slog.Level, d *contract.Delivery) []slog.Attr {
	attrs := []slog.Attr{
		slog.String("event_id", d.ID.String()),
		slog.String("event_type", d.Type.Name),
		slog.String("organ", o.name),
		slog.Int("attempt", int(d.Attempts)+1),
		slog.String("correlation_id", d.Correlation.String()),
	}
	if c := &o.spine.config; c.payloadSecrets != nil && c.log.Enabled(context.Background(), level) {
		attrs = append(attrs, c.payloadAttr(d))
	}
	return attrs
}

func (o *organ) logAbandoned(d *contract.Delivery, f *failure) {
	attrs := append(o.logAttrs(slog.LevelError, d), slog.String("stack", f.stack))
	o.spine.config.log.LogAttrs(context.Background(), slog.LevelError, "handler abandoned", attrs...)
}

// logBreaker says that the organ pauses in this process, and why, and that it goes on.
func (o *organ) logBreaker(c breakerChange) {
	log := o.spine.config.log.With("organ", o.name)
	if c.open {
		log.Warn("breaker opened: the organ pauses in this process", "pause", o.breaker.pause, "failures_in_a_row", c.failures, "error", c.err)
	} else {
		log.Info("breaker closed: the organ goes on", "after", c.after.Round(time.Millisecond))
	}
}
