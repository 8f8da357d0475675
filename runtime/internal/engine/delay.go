package engine

import (
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// maxDelay bounds delays, so that due times can be told in nanoseconds.
const maxDelay = 100 * 365 * 24 * time.Hour

// freshHops is the delay from which on an event starts again at hop 0. So a timer that starts itself again is no endless
// chain, and a circle without a delay still ends at maxhops.
const freshHops = time.Second

// CheckDelay refuses a delay that cannot be told in nanoseconds since 1970; a time in the past is no delay.
func CheckDelay(d time.Duration) error {
	if d > maxDelay {
		return fmt.Errorf("a delay of %s is over %s, the longest there is", d, maxDelay)
	}
	return nil
}

// ErrNoDelays is the error of a delayed event over a backend that keeps none.
var ErrNoDelays = errors.New("the backend keeps no delayed events: use one that does, such as backends/memory")

// CheckDue takes away a due time that has come, and refuses one that the backend would not keep. Such a message is
// then published at once, so that no backend ever sees a due time in the past.
func (e *Engine) CheckDue(m *contract.Message, now int64) error {
	if m.Due <= now {
		m.Due = 0
		return nil
	}
	if !e.KeepsDelays {
		return ErrNoDelays
	}
	return nil
}

// applyEnvelope applies what a handler says of one emission to its message. Headers are copied before they are
// changed, because all emissions of a call share one map.
func (e *Engine) applyEnvelope(m *contract.Message, envelope *contract.Envelope) error {
	if envelope.Key != "" {
		m.Key = envelope.Key
	}
	if len(envelope.Headers) > 0 {
		headers := make(map[string]string, len(m.Headers)+len(envelope.Headers))
		maps.Copy(headers, m.Headers)
		maps.Copy(headers, envelope.Headers)
		m.Headers = headers
	}
	now, delay := time.Now(), envelope.After
	if !envelope.At.IsZero() {
		if delay != 0 {
			return fmt.Errorf("%s has both a time, %s, and a delay, %s: set one of them", m.Type.Name, envelope.At, delay)
		}
		delay = envelope.At.Sub(now)
	}
	if err := CheckDelay(delay); err != nil {
		return fmt.Errorf("%s: %w", m.Type.Name, err)
	}
	if delay <= 0 {
		return nil
	}
	if !e.KeepsDelays {
		return fmt.Errorf("%s: %w", m.Type.Name, ErrNoDelays)
	}
	m.Nanos = now.UnixNano() // the clock of other emissions may be late, so that the event would come early
	m.Due = m.Nanos + int64(delay)
	if delay >= freshHops {
		m.Hops, m.Reserve = 0, 0
	}
	return nil
}
