package console

import (
	"context"
	"errors"
	"sync"
	"time"
)

// answers are those of the backend that pages share. The first page that needs one has it asked for; pages that come
// meanwhile wait for the same call, and pages that come within its age read it again.
type answers struct {
	slots chan struct{} // one for each call of the backend that may run

	mu   sync.Mutex
	kept map[string]*answer // by what is asked
}

// answer is what a call of the backend returned. value and err are written before ready is closed, and read after it.
type answer struct {
	ready chan struct{}
	until time.Time // guarded by mu of answers; zero while the call runs
	value any
	err   error
}

const (
	callsAtOnce = 4
	callTime    = 20 * time.Second
	maxAnswers  = 200
)

var errBusy = errors.New("too many pages ask for different things at once: try again")

func newAnswers() *answers {
	return &answers{slots: make(chan struct{}, callsAtOnce), kept: map[string]*answer{}}
}

// ask returns what load returned for key, no longer ago than age. load goes on when ctx is done, because others may wait for it.
func ask[T any](ctx context.Context, s *answers, key string, age time.Duration, load func(context.Context) (T, error)) (value T, err error) {
	a := s.find(key)
	if a == nil {
		var mine bool
		if a, mine = s.begin(key); a == nil {
			return value, errBusy
		} else if mine {
			go s.run(a, age, context.WithoutCancel(ctx), func(ctx context.Context) (any, error) { return load(ctx) })
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

// find returns the answer that is awaited or young enough, or nil.
func (s *answers) find(key string) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.findLocked(key)
}

func (s *answers) findLocked(key string) *answer {
	if a := s.kept[key]; a != nil && (a.until.IsZero() || time.Now().Before(a.until)) {
		return a
	}
	return nil
}

// begin makes an answer, and says that the caller has to run its call. It returns nil when too many calls are awaited.
func (s *answers) begin(key string) (a *answer, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.findLocked(key); a != nil { // another page was faster
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

// run calls the backend, when fewer than callsAtOnce calls run.
func (s *answers) run(a *answer, age time.Duration, ctx context.Context, load func(context.Context) (any, error)) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	select {
	case s.slots <- struct{}{}:
		a.value, a.err = load(ctx)
		<-s.slots
	case <-ctx.Done():
		a.err = errBusy
	}
	s.mu.Lock()
	a.until = time.Now().Add(age)
	s.mu.Unlock()
	close(a.ready)
}

// forget lets the next pages ask anew, because an action changed what is stored.
func (s *answers) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.kept)
}
