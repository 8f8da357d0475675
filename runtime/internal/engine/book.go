package engine

import (
	"context"
	"log/slog"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// bookOutcomes enters settled outcomes in the counters and the log, and stops the run when one of them halts it.
// After a repeated call an outcome that was not applied may have been applied by the first: then it counts as
// applied. A conflict is entered nowhere: the delivery runs again, and its next outcome counts.
func (o *Organ) bookOutcomes(r *Run, outcomes []contract.Outcome, results []result, settled contract.Results, repeated bool) {
	debug := o.engine.Log.Enabled(r.Settling, slog.LevelDebug)
	var batch tally
	for i := range outcomes {
		out, res := &outcomes[i], &results[i]
		if settled.At(i) == contract.ResultConflict {
			if debug {
				o.logDelivery(slog.LevelDebug, "outcome not applied: the state of its key has changed, so the delivery runs again", out, res)
			}
			continue
		}
		if !settled.IsApplied(i) && !repeated {
			res.route.Counters.Lost.Add(1)
			o.logDelivery(slog.LevelWarn, "outcome not applied: somebody else settled the delivery first", out, res)
			continue
		}
		if res.unseen {
			if debug {
				o.logDelivery(slog.LevelDebug, "acknowledged unseen: its timer was stopped or replaced", out, res)
			}
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

// tally counts handled deliveries of one route after the other, so that the counters are touched once a run of them.
// It belongs to one call of bookOutcomes. The outcomes of a batch are mostly of one route, and an atomic addition for
// each of them would be most of the cost.
type tally struct {
	route             *Route
	handledN, emitted uint64
}

// noteHandled adds a delivery of a route, and writes the counts of the former route when it is another one.
func (t *tally) noteHandled(r *Route, emitted int) {
	if t.route != r {
		t.flushCounts()
		t.route = r
	}
	t.handledN++
	t.emitted += uint64(emitted)
}

// flushCounts writes the counts of the route to its counters, and begins again at 0. bookOutcomes calls it at the
// end.
func (t *tally) flushCounts() {
	if t.handledN > 0 {
		t.route.Counters.Handled.Add(t.handledN)
		t.route.Counters.Emitted.Add(t.emitted)
	}
	t.handledN, t.emitted = 0, 0
}

// bookFailure enters an outcome that is not a success: its counter, and a line in the log whose level says who has to act.
// A retry and a decline mend themselves and are warnings; a given-up delivery needs a person and is an error. A delivery
// that halts its organ stops the run, here and not before: only now is the dead letter stored.
func (o *Organ) bookFailure(r *Run, out *contract.Outcome, res *result) {
	counters := &res.route.Counters
	counters.Emitted.Add(uint64(len(out.Emit))) // by the give-up handler
	switch out.Kind {
	case contract.OutcomeAck:
		counters.Dropped.Add(1)
		o.logDelivery(slog.LevelError, "dropped", out, res)
	case contract.OutcomeRetry:
		counters.Retried.Add(1)
		o.logDelivery(slog.LevelWarn, "failed, will be tried again", out, res)
	case contract.OutcomeDecline:
		counters.Declined.Add(1)
		var more []slog.Attr
		if res.failure == nil {
			more = append(more, slog.String("error", o.describeUnknown(out.Delivery.Type)))
		}
		o.logDelivery(slog.LevelWarn, "declined", out, res, more...)
	case contract.OutcomeDead:
		counters.Dead.Add(1)
		o.logDelivery(slog.LevelError, "dead letter", out, res)
		if out.Death.Halt {
			r.Stop(o.engine.HaltError(o.Name, out.Delivery.Type.Name, out.Delivery.ID, res.failure.err))
		}
	}
}

// logDelivery writes a line about a delivery.
func (o *Organ) logDelivery(level slog.Level, msg string, out *contract.Outcome, res *result, more ...slog.Attr) {
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
	o.engine.Log.LogAttrs(context.Background(), level, msg, attrs...)
}

// logAttrs are what every line about a delivery carries. The payload is among them when it was asked
// for, and the line is written.
func (o *Organ) logAttrs(level slog.Level, d *contract.Delivery) []slog.Attr {
	attrs := []slog.Attr{
		slog.String("event_id", d.ID.String()),
		slog.String("event_type", d.Type.Name),
		slog.String("organ", o.Name),
		slog.Int("attempt", int(d.Attempts)+1),
		slog.String("correlation_id", d.Correlation.String()),
	}
	if e := o.engine; e.ShowPayload != nil && e.Log.Enabled(context.Background(), level) {
		attrs = append(attrs, e.ShowPayload(d))
	}
	return attrs
}

// logAbandoned writes where a handler hangs. Its stack is the only trace that it leaves, because it may never return.
func (o *Organ) logAbandoned(d *contract.Delivery, f *failure) {
	attrs := append(o.logAttrs(slog.LevelError, d), slog.String("stack", f.stack))
	o.engine.Log.LogAttrs(context.Background(), slog.LevelError, "handler abandoned", attrs...)
}

// logBreaker says that the organ pauses in this process, and why, and that it goes on.
func (o *Organ) logBreaker(c breakerChange) {
	log := o.engine.Log.With("organ", o.Name)
	if c.open {
		log.Warn("breaker opened: the organ pauses in this process", "pause", o.breaker.pause, "failures_in_a_row", c.failures, "error", c.err)
	} else {
		log.Info("breaker closed: the organ goes on", "after", c.after.Round(time.Millisecond))
	}
}
