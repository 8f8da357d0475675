package ticks

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/internal/schedule"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Schedule is an event that is published by itself. New makes one, and the spine sets Identity before each run.
type Schedule struct {
	Type     *contract.EventType
	Identity string // of the event, by which the backend knows the schedule

	own     *timing                // what the event's annotation says
	inForce atomic.Pointer[timing] // what the schedule is bound to, which another release may want; set by the goroutine that keeps it
	event   contract.Event         // the zero event
	payload []byte                 // its encoding, where the backend stores bytes
}

// timing says when ticks fire. It is immutable.
type timing struct {
	text  string // as contract.Schedule.String writes it
	plan  *schedule.Schedule
	every *contract.Schedule
}

// newTiming reads a schedule.
func newTiming(every *contract.Schedule) (*timing, error) {
	plan, err := schedule.Parse(every.Expression, every.Zone)
	if errors.As(err, new(*schedule.ZoneError)) {
		err = fmt.Errorf("%w: install the tz database, or import _ \"time/tzdata\"", err)
	}
	return &timing{every.String(), plan, every}, err
}

// New returns the schedule of an event that has one. The zero event must pass its own rules.
func New(t *contract.EventType, encode bool) (*Schedule, error) {
	s := &Schedule{Type: t, Identity: t.Name, event: t.New()}
	var err error
	if s.own, err = newTiming(t.Every); err != nil {
		return nil, fmt.Errorf("schedule of %s: %w", t.Name, err)
	}
	s.inForce.Store(s.own)
	if err = s.event.Validate(); err != nil {
		return nil, fmt.Errorf("schedule of %s: its ticks are the zero event, which breaks its own rules: %w", t.Name, err)
	}
	if encode {
		if s.payload, err = s.event.AppendMsgpack(nil); err != nil {
			return nil, fmt.Errorf("schedule of %s: encode its tick: %w", t.Name, err)
		}
	}
	return s, nil
}

// bindTo lets the schedule fire by what it is bound to, and reports whether that is something else than before.
func (s *Schedule) bindTo(text string) (changed bool, err error) {
	if text == s.inForce.Load().text {
		return false, nil
	}
	bound := s.own
	if text != s.own.text {
		every, err := contract.ParseSchedule(text)
		if err == nil {
			bound, err = newTiming(every)
		}
		if err != nil {
			return false, fmt.Errorf("schedule of %s: it is bound to %s by another release: %w", s.Type.Name, text, err)
		}
	}
	s.inForce.Store(bound)
	return true, nil
}

// Waits says which times the event's annotation waits for, or nothing when the schedule fires at them.
func (s *Schedule) Waits() string {
	bound := s.inForce.Load()
	if bound.text == s.own.text {
		return ""
	}
	return fmt.Sprintf("the schedule %s of %s comes into effect when no process that wants %s is alive", s.own.text, s.Type.Name, bound.text)
}

// message returns the tick of a nominal time.
func (s *Schedule) message(nominal int64) contract.Message {
	id := contract.TickID(s.Identity, nominal)
	return contract.Message{ID: id, Correlation: id, Type: s.Type, Event: s.event, Payload: s.payload, Nanos: nominal}
}

// dueAfter returns when the first tick behind a nominal time is due, its jitter included; 0 when there is none.
func (s *Schedule) dueAfter(nominal int64) int64 {
	next := s.inForce.Load().plan.Next(time.Unix(0, nominal))
	if next.IsZero() {
		return 0
	}
	return next.UnixNano() + s.jitterOf(next.UnixNano())
}

// jitterOf returns how long a tick waits behind its nominal time. It is the same in all processes, because they would all wake
// up at the earliest of several times.
func (s *Schedule) jitterOf(nominal int64) int64 {
	jitter := s.inForce.Load().every.Jitter
	if jitter <= 0 {
		return 0
	}
	id := contract.TickID(s.Identity, nominal)
	var hash uint64
	for _, b := range id[:7] {
		hash = hash<<8 | uint64(b)
	}
	return int64(hash % uint64(jitter))
}
