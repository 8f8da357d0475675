package health

import (
	"context"
	"sync"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// look asks the backend on behalf of many requests: those that come while it is asked wait for the
// same answer, and those that come within maxAge of it get it again.
type look struct {
	spine  *necro.Spine
	maxAge time.Duration

	mu   sync.Mutex
	last *answered // guarded by mu
}

// answered is one answer of the backend. The goroutine that asks owns health until done is closed;
// from then on nothing changes.
type answered struct {
	done   chan struct{}
	at     time.Time
	health necro.SpineHealth
}

// currentHealth returns the backend's last answer together with the state of this process as it is now.
// A request that is gone before the backend answered gets its context's error.
func (l *look) currentHealth(ctx context.Context) necro.SpineHealth {
	a := l.awaitedAnswer()
	select {
	case <-a.done:
	case <-ctx.Done():
		return necro.SpineHealth{Err: ctx.Err(), Running: l.spine.Running(), Organs: l.spine.Organs()}
	}
	h := a.health
	h.Running, h.Organs = l.spine.Running(), l.spine.Organs()
	return h
}

// awaitedAnswer returns the answer that is awaited, one that is new enough, or a new one.
func (l *look) awaitedAnswer() *answered {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a := l.last; a != nil {
		select {
		case <-a.done:
			if time.Since(a.at) < l.maxAge {
				return a
			}
		default:
			return a
		}
	}
	l.last = &answered{done: make(chan struct{})}
	go l.askBackend(l.last)
	return l.last
}

// askBackend fills an answer. It has a context of its own, because the request that caused it may go away
// while others wait.
func (l *look) askBackend(a *answered) {
	defer close(a.done)
	ctx, cancel := context.WithTimeout(context.Background(), Timeout)
	defer cancel()
	a.health = l.spine.Health(ctx)
	a.at = time.Now()
}
