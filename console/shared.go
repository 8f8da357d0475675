package console

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// answers holds answers of the backend that pages share. The first page that needs an answer starts the call; pages that need it
// while the call runs wait for the same call, and pages within the age of the answer read it again.
type answers struct {
	slots chan struct{} // one for each call of the backend that may run

	mu   sync.Mutex
	kept map[string]*answer // by the key of the question
}

// answer is what a call of the backend returned. value and err are written before ready is closed, and read after it.
type answer struct {
	ready chan struct{}
	until time.Time // guarded by mu of answers; zero while the call runs
	value any
	err   error
}

const (
	callsAtOnce    = 4
	searchesAtOnce = 2
	callTime       = 20 * time.Second
	maxAnswers     = 200
)

var errBusy = errors.New("too many pages ask for different things at once: try again")

// newAnswers returns answers of which so many calls run at a time.
func newAnswers(calls int) *answers {
	return &answers{slots: make(chan struct{}, calls), kept: map[string]*answer{}}
}

// ask returns what load returned for key, no longer ago than age. load goes on when ctx is done, because others may wait for it.
func ask[T any](ctx context.Context, s *answers, key string, age time.Duration, load func(context.Context) (T, error)) (value T, err error) {
	a := s.findAnswer(key)
	if a == nil {
		var mine bool
		if a, mine = s.beginAnswer(key); a == nil {
			return value, errBusy
		} else if mine {
			go s.runCall(key, a, age, context.WithoutCancel(ctx), func(ctx context.Context) (any, error) { return load(ctx) })
		}
	}
	select {
	case <-a.ready:
	case <-ctx.Done():
		return value, ctx.Err()
	}
	value, _ = a.value.(T)
	return value, a.err
}

// findAnswer returns the answer of a running call, or one that is young enough; nil when there is neither.
func (s *answers) findAnswer(key string) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.findAnswerLocked(key)
}

func (s *answers) findAnswerLocked(key string) *answer {
	if a := s.kept[key]; a != nil && (a.until.IsZero() || time.Now().Before(a.until)) {
		return a
	}
	return nil
}

// beginAnswer adds an answer whose call the caller has to run (mine). It returns the answer of another page that was faster,
// which is not mine, and nil when maxAnswers calls run already.
func (s *answers) beginAnswer(key string) (a *answer, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.findAnswerLocked(key); a != nil { // another page was faster
		return a, false
	}
	if len(s.kept) >= maxAnswers {
		for key, a := range s.kept {
			if !a.until.IsZero() {
				delete(s.kept, key)
			}
		}
		if len(s.kept) >= maxAnswers {
			return nil, false
		}
	}
	a = &answer{ready: make(chan struct{})}
	s.kept[key] = a
	return a, true
}

// runCall calls the backend as soon as fewer calls run than there are slots, and closes ready in every case. The answer is let go
// when it is too old, because it may hold the payloads of a page of events.
func (s *answers) runCall(key string, a *answer, age time.Duration, ctx context.Context, load func(context.Context) (any, error)) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	select {
	case s.slots <- struct{}{}:
		a.value, a.err = loadGuarded(ctx, load)
		<-s.slots
	case <-ctx.Done():
		a.err = errBusy
	}
	s.mu.Lock()
	a.until = time.Now().Add(age)
	s.mu.Unlock()
	close(a.ready)
	time.AfterFunc(age, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.kept[key] == a {
			delete(s.kept, key)
		}
	})
}

// loadGuarded returns the error of a load that panics: nothing else would keep the program from ending, because the load runs in a
// goroutine of its own.
func loadGuarded(ctx context.Context, load func(context.Context) (any, error)) (value any, err error) {
	defer func() {
		if v := recover(); v != nil {
			value, err = nil, fmt.Errorf("the backend's answer cannot be read: %v", v)
		}
	}()
	return load(ctx)
}

// forgetAnswers drops all answers, so that pages after an action see its result.
func (s *answers) forgetAnswers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.kept)
}
