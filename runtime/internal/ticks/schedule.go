package ticks

import (
	"errors"
	"fmt"
	"time"

	"github.com/necrostack/necrogen/internal/schedule"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Schedule is an event that is published by itself. New makes one, and the spine sets Identity before each run.
type Schedule struct {
	Type     *contract.EventType
	Identity string // of the event, by which the backend knows the schedule

	plan    *schedule.Schedule
	every   *contract.Schedule
	event   contract.Event // the zero event
	payload []byte         // its encoding, where the backend stores bytes
}

// New returns the schedule of an event that has one. The zero event must pass its own rules.
func New(t *contract.EventType, encode bool) (*Schedule, error) {
	s := &Schedule{Type: t, Identity: t.Name, every: t.Every, event: t.New()}
	var err error
	if s.plan, err = schedule.Parse(s.every.Expression, s.every.Zone); err != nil {
		if errors.As(err, new(*schedule.ZoneError)) {
			err = fmt.Errorf("%w: install the tz database, or import _ \"time/tzdata\"", err)
		}
		return nil, fmt.Errorf("schedule of %s: %w", t.Name, err)
	}
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

// message returns the tick of a nominal time.
func (s *Schedule) message(nominal int64) contract.Message {
	id := contract.TickID(s.Identity, nominal)
	return contract.Message{ID: id, Correlation: id, Type: s.Type, Event: s.event, Payload: s.payload, Nanos: nominal}
}

// dueAfter returns when the first tick behind a nominal time is due, its jitter included; 0 when there is none.
func (s *Schedule) dueAfter(nominal int64) int64 {
	next := s.plan.Next(time.Unix(0, nominal))
	if next.IsZero() {
		return 0
	}
	return next.UnixNano() + s.jitterOf(next.UnixNano())
}

// jitterOf returns how long a tick waits behind its nominal time. It is the same in all processes, because they would all wake
// up at the earliest of several times.
func (s *Schedule) jitterOf(nominal int64) int64 {
	if s.every.Jitter <= 0 {
		return 0
	}
	id := contract.TickID(s.Identity, nominal)
	var hash uint64
	for _, b := range id[:7] {
		hash = hash<<8 | uint64(b)
	}
	return int64(hash % uint64(s.every.Jitter))
}
