package necro

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/internal/engine"
)

// Spine publishes events to a backend and runs organs over it. It is safe for concurrent
// use. New makes one.
type Spine struct {
	backend Backend
	one     contract.OnePublisher // the backend, when it is one and a publish may go past the middleware
	publish storeFunc             // the backend's, with the middleware around it
	config  config
	ids     *idSource
	engine  engine.Engine // runs the organs
	room    engine.PayloadPool
	organs  []*engine.Organ
	// keepsUnique says that the backend keeps unique events.
	keepsUnique bool
	// keepsLanes says that the backend gives the lanes of an organ to several processes.
	keepsLanes bool
	// schedules does not change, but for the identities, which each run sets before it reads them.
	schedules []scheduled

	bound     atomic.Bool
	published atomic.Uint64
	steps     atomic.Int64

	binding   lock               // held by the one who subscribes or closes consumers
	consumers bool               // the organs hold open consumers; guarded by binding
	closing   context.Context    // ends when the spine is closed
	close     context.CancelFunc // ends it; called under mu

	mu      sync.Mutex
	current *run // nil while nothing runs
}

// sequentialBackend is the backend of a test kit that strikes one call after the other, and needs
// them in the same order in every run: workers settle by themselves there. FirstBatch is how many
// deliveries the first batch asks for; elsewhere it is one, so that a slow handler keeps none from
// another process.
type sequentialBackend interface {
	Backend
	FirstBatch() int
}

// New returns a spine over a backend. It reports every mistake in the options and the
// organs at once, and does not touch the backend: the organs are bound at the first
// Publish, Run or Drain.
func New(backend Backend, options ...Option) (*Spine, error) {
	if backend == nil {
		return nil, errors.New("new spine: backend is nil")
	}
	s := &Spine{backend: backend, config: defaultConfig(), ids: newIDSource(), binding: newLock()}
	s.closing, s.close = context.WithCancel(context.Background())
	var errs []error
	for _, option := range options {
		errs = append(errs, option(&s.config))
	}
	s.publish = s.wrapPublish()
	if !slices.ContainsFunc(s.config.wanted, publishChoice.takesAll) {
		s.one, _ = backend.(contract.OnePublisher)
	}
	s.setUpEngine()
	errs = append(errs, s.addOrgans())
	errs = append(errs, s.addSchedules())
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("new spine: %w", err)
	}
	return s, nil
}

// setUpEngine gives the engine what the options and the backend say.
func (s *Spine) setUpEngine() {
	e, c := &s.engine, &s.config
	e.Log, e.Grace, e.Lease, e.DeclineLimit = c.log, c.grace, c.lease, c.declines
	e.EmitLimit, e.EmitBytes, e.MaxFailures = c.emitLimit, c.emitBytes, c.maxFailures
	e.Gauge, _ = s.backend.(contract.FullnessReporter)
	_, e.KeepsDelays = s.backend.(contract.DelayingBackend)
	e.Rates, _ = s.backend.(contract.RatingBackend)
	e.States, _ = s.backend.(contract.StatefulBackend)
	if u, ok := s.backend.(contract.UniqueBackend); ok {
		s.keepsUnique = u.KeepsUnique()
	}
	if l, ok := s.backend.(contract.LaneBackend); ok {
		s.keepsLanes = l.KeepsLanes()
	}
	if p, ok := s.backend.(contract.PayloadBackend); ok {
		e.Encodes = p.NeedsPayload()
	}
	e.FirstBatch, e.SettlesLater = 1, e.Encodes
	if t, ok := s.backend.(sequentialBackend); ok {
		e.FirstBatch, e.SettlesLater = t.FirstBatch(), false
	}
	if admin, ok := s.backend.(contract.Admin); ok {
		e.PauseOrgan = admin.Pause
	}
	e.Values = c.values
	if c.payloadSecrets != nil {
		e.ShowPayload = c.payloadAttr
	}
	if c.maxSteps > 0 {
		e.Admit = s.admitDelivery
	}
	e.HaltError = func(organ, event string, id ID, err error) error {
		return &HaltedError{Organ: organ, Event: event, ID: id, Err: err}
	}
	e.Init()
}

// addOrgans resolves the organs and their policies.
func (s *Spine) addOrgans() error {
	var errs []error
	overrides := map[string][]PolicyOption{}
	for _, p := range s.config.policies {
		overrides[p.organ] = append(overrides[p.organ], p.options...)
	}
	errs = append(errs, s.overrideByEnv(overrides))
	types := typeNames{}
	for _, o := range s.config.organs {
		spec := o.NecroOrgan()
		if s.organNamed(spec.Name) != nil {
			errs = append(errs, fmt.Errorf("organ %s is given twice", spec.Name))
			continue
		}
		org, err := s.newOrgan(spec, overrides[spec.Name])
		errs = append(errs, err, types.addType(spec))
		s.organs = append(s.organs, org)
	}
	for _, p := range s.config.policies {
		if s.organNamed(p.organ) == nil {
			errs = append(errs, fmt.Errorf("WithPolicy(%q): no such organ; there are %s", p.organ, s.organNames()))
		}
	}
	return errors.Join(errs...)
}

// overrideByEnv adds what PolicyFromEnv found to the overrides. Those of organs that other processes run are read for their mistakes,
// and used by nobody here.
func (s *Spine) overrideByEnv(overrides map[string][]PolicyOption) error {
	var names []string
	for _, o := range slices.Concat(s.config.organs, s.config.others) {
		if name := o.NecroOrgan().Name; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	byEnv, warnings, err := policiesFromEnv(s.config.env, names, len(s.config.others) > 0)
	for _, warning := range warnings {
		s.config.log.Warn(warning)
	}
	for organ, options := range byEnv {
		overrides[organ] = append(overrides[organ], options...)
	}
	return err
}

func (s *Spine) organNamed(name string) *engine.Organ {
	i := slices.IndexFunc(s.organs, func(o *engine.Organ) bool { return o.Name == name })
	if i < 0 {
		return nil
	}
	return s.organs[i]
}

func (s *Spine) organNames() []string {
	names := make([]string, len(s.organs))
	for i, o := range s.organs {
		names[i] = o.Name
	}
	return names
}

// lock is a mutex that may be held while the backend takes its time: a goroutine that waits
// for it is seen to wait, which virtual time (testing/synctest) depends on.
type lock chan struct{}

func newLock() lock    { return make(lock, 1) }
func (l lock) lock()   { l <- struct{}{} }
func (l lock) unlock() { <-l }

// typeNames finds two types under one name and version.
type typeNames map[nameVersion]*contract.EventType

type nameVersion struct {
	name    string
	version int
}

func (n typeNames) addType(spec contract.OrganSpec) error {
	for _, r := range spec.Routes {
		types := slices.Concat([]*contract.EventType{r.Event}, r.Emits, r.Timers, r.Undos)
		if r.GiveUp != nil {
			types = slices.Concat(types, r.GiveUp.Emits, r.GiveUp.Timers, r.GiveUp.Undos)
		}
		for _, t := range types {
			key := nameVersion{t.Name, t.Version}
			if other := n[key]; other != nil && other != t {
				return fmt.Errorf("organ %s: event %s version %d stands for two types", spec.Name, t.Name, t.Version)
			}
			n[key] = t
		}
	}
	return nil
}

// bindOrgans binds the organs for a Publish, so that the published events wait for them. A process that only
// publishes is no consumer of its organs: others must see that none runs them.
func (s *Spine) bindOrgans(ctx context.Context) error { return s.bindOnce(ctx, false) }

// bindOnce subscribes all organs in one step, once. It keeps the consumers when the organs are to be run,
// and else closes them in the background. It waits for another bind that is under way, until ctx ends;
// Close ends both.
func (s *Spine) bindOnce(ctx context.Context, run bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.closing, cancel)()
	select {
	case s.binding <- struct{}{}:
	case <-ctx.Done():
		return s.closedOr(fmt.Errorf("subscribe: another call subscribes: %w", ctx.Err()))
	}
	subscribed, err := s.subscribeOrgans(ctx, run)
	if run || !subscribed {
		s.binding.unlock()
		return err
	}
	go func() { // Publish does not wait for this, the next bind does
		defer s.binding.unlock()
		ctx, cancel := s.leavingContext()
		defer cancel()
		_ = s.closeConsumers(ctx) // the rest of one ends as after a crash
	}()
	return nil
}

// subscribeOrgans binds the organs unless they are bound, and have consumers if they are to be run. It reports
// whether it made consumers. The caller holds binding.
func (s *Spine) subscribeOrgans(ctx context.Context, run bool) (subscribed bool, err error) {
	if s.closing.Err() != nil {
		return false, ErrClosed
	}
	if s.consumers || s.bound.Load() && !run {
		return false, nil
	}
	subs := make([]contract.Subscription, len(s.organs))
	for i, o := range s.organs {
		subs[i] = s.makeSubscription(o)
	}
	if len(subs) > 0 {
		consumers, err := s.backend.Subscribe(ctx, subs)
		if err != nil {
			return false, s.closedOr(fmt.Errorf("subscribe: %w", err))
		}
		for i, o := range s.organs {
			o.Bind(consumers[i])
		}
	}
	s.consumers = true
	s.bound.Store(true)
	return len(subs) > 0, nil
}

// closedOr returns ErrClosed when the spine was closed, else err.
func (s *Spine) closedOr(err error) error {
	if s.closing.Err() != nil {
		return ErrClosed
	}
	return err
}

// leavingContext bounds how long consumers may take to close.
func (s *Spine) leavingContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), s.config.stopLimit())
}

// stopLimit is how long a stop takes at the most, whatever handlers and the backend do.
func (c *config) stopLimit() time.Duration { return c.grace + 2*engine.AbandonDelay }

// unbindOrgans closes the consumers, all at a time and until ctx ends: a backend that does not answer takes its time
// for each. The events stored for the organs stay.
func (s *Spine) unbindOrgans(ctx context.Context) error {
	s.binding.lock()
	defer s.binding.unlock()
	s.bound.Store(false)
	return s.closeConsumers(ctx)
}

// closeConsumers closes the consumers that there are. The caller holds binding.
func (s *Spine) closeConsumers(ctx context.Context) error {
	if !s.consumers {
		return nil
	}
	s.consumers = false
	errs := make([]error, len(s.organs))
	var closing sync.WaitGroup
	for i, o := range s.organs {
		closing.Go(func() {
			if err := closeWithin(ctx, o.Consumer()); !errors.Is(err, ErrClosed) {
				errs[i] = err
			}
		})
	}
	closing.Wait()
	return errors.Join(errs...)
}

func closeWithin(ctx context.Context, c contract.Consumer) error {
	if leaving, ok := c.(contract.LeavingConsumer); ok {
		return leaving.CloseWithin(ctx)
	}
	return c.Close()
}

// Close gives up the spine's subscriptions to this process; stored events stay, and so does the backend, which
// the caller closes. A Run that is under way is told to stop and waited for. Every later call returns ErrClosed.
func (s *Spine) Close() error {
	s.mu.Lock()
	if s.closing.Err() != nil {
		s.mu.Unlock()
		return ErrClosed
	}
	s.close()
	r := s.current
	s.mu.Unlock()
	if r != nil {
		r.Stop(ErrClosed)
		<-r.ended
	}
	ctx, cancel := s.leavingContext()
	defer cancel()
	return s.unbindOrgans(ctx)
}
