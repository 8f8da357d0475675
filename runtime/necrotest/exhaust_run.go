package necrotest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// run is one run of a topology, with one fault or none.
type run struct {
	pass    pass
	strike  strike
	twice   *twice // in the run that handles every delivery twice
	tracing bool

	world    *World
	backend  *memory.Backend
	record   *record
	nanos    int64 // the time of all events
	programs []*program
	launched []*instance // of all programs, the crashed ones too
	err      error       // why the run cannot go on
	struck   bool

	mu      sync.Mutex
	counts  map[call]int // by who and op
	calls   map[op]int
	strikes []strike // what can happen to the calls
	names   map[string]int
	turns   map[string]*turn // organs that wait in Fetch
	ranks   []string         // all organs, in the order in which they get their turns
	log     []string
}

// program is a set of organs that run in one process, and are run again when it has ended.
type program struct {
	name    string
	mortal  bool
	organs  func() []necro.Organ
	current *instance
	starts  int
}

// instance is a program from its start to its end.
type instance struct {
	link   *link
	spine  *necro.Spine
	organs []necro.OrganSpec
	cancel context.CancelFunc
	done   chan struct{}
	err    error // what Run returned
}

// Limits of a run: one that exceeds them does not come to rest.
const (
	maxTurns  = 100_000
	maxStarts = 100
	maxTime   = 30 * 24 * time.Hour
	maxPause  = time.Minute
)

func newRun(p pass) *run {
	return &run{
		pass: p, backend: memory.New(memory.WithCopy()), record: newRecord(), nanos: time.Now().UnixNano(),
		counts: map[call]int{}, calls: map[op]int{}, names: map[string]int{}, turns: map[string]*turn{},
	}
}

// do makes the run. It is called in a bubble of virtual time.
func (r *run) do(build func(*World), events []necro.Event) error {
	r.world = &World{r: r}
	build(r.world)
	if r.world.Organs != nil {
		r.programs = append(r.programs, &program{name: "organs", mortal: true, organs: r.world.Organs})
	}
	if len(r.world.InMemory) > 0 {
		r.programs = append(r.programs, &program{name: "organs in memory", organs: func() []necro.Organ { return r.world.InMemory }})
	}
	if len(r.programs) == 0 {
		return errors.New("the World has no organs: set Organs or InMemory")
	}
	r.serve(events)
	r.stop()
	if r.err == nil && r.world.Snapshot != nil {
		r.record.snapshot = r.world.Snapshot()
	}
	r.backend.Close()
	return r.err
}

// serve starts the programs, publishes the events and gives the organs their turns, until
// nothing is left to do.
func (r *run) serve(events []necro.Event) {
	published, pause, begun := false, time.Millisecond, time.Now()
	for turns := 0; r.err == nil; {
		synctest.Wait()
		switch {
		case r.revive():
		case r.busy():
			pause = r.sleep(pause)
		case !published:
			published = true
			r.publish(events)
		case r.giveTurn():
			turns++
			pause = time.Millisecond
		case r.rests():
			return
		default: // for what is scheduled
			pause = r.sleep(pause)
		}
		if turns > maxTurns || time.Since(begun) > maxTime {
			r.err = fmt.Errorf("the run does not come to rest: after %d turns and %s something is left: does a chain run in a circle?",
				turns, time.Since(begun).Round(time.Second))
		}
	}
}

// sleep lets time pass, and returns how long to sleep next if nothing happens.
func (r *run) sleep(d time.Duration) time.Duration {
	time.Sleep(d)
	return min(2*d, maxPause)
}

// revive starts the programs that do not run, and reports whether there were any.
func (r *run) revive() (started bool) {
	for _, p := range r.programs {
		if p.current != nil && p.current.runs() {
			continue
		}
		started = true
		if p.starts++; p.starts > maxStarts {
			r.err = fmt.Errorf("a program ended %d times, at last with: %w", maxStarts, p.current.err)
			return
		}
		if r.err = r.launch(p); r.err != nil {
			return
		}
	}
	return started
}

func (i *instance) runs() bool {
	select {
	case <-i.done:
		return false
	default:
		return !i.link.crashed()
	}
}

// backoff is how long every retry waits: longer than a lease, so that a fault that takes
// time does not change the order in which deliveries come.
const backoff = time.Minute

// launch starts a program.
func (r *run) launch(p *program) error {
	i := &instance{link: newLink(r, p), done: make(chan struct{})}
	organs := p.organs()
	options := []necro.Option{necro.WithLogger(nil), necro.WithMiddleware(i.guard)}
	options = append(append(options, r.world.Options...), necro.WithOrgans(organs...), necro.WithLease(lease))
	for _, o := range organs {
		spec := o.NecroOrgan()
		if r.runs(p, spec.Name) {
			return fmt.Errorf("organ %s is given twice: in Organs and in InMemory", spec.Name)
		}
		i.organs = append(i.organs, spec)
		options = append(options, necro.WithPolicy(spec.Name,
			necro.Concurrency(1), necro.Backoff(backoff, backoff), necro.Breaker(0, 0)))
	}
	var err error
	if i.spine, err = necro.New(i.link, options...); err != nil {
		return err
	}
	var ctx context.Context
	ctx, i.cancel = context.WithCancel(context.Background())
	r.mu.Lock()
	defer r.mu.Unlock()
	p.current, r.launched = i, append(r.launched, i)
	go func() {
		defer close(i.done)
		i.err = i.spine.Run(ctx) // however it ends, the program is started again
	}()
	return nil
}

// runs reports whether another program than p runs an organ.
func (r *run) runs(p *program, organ string) bool {
	for _, other := range r.programs {
		if other != p && other.current != nil && slices.ContainsFunc(other.current.organs,
			func(s necro.OrganSpec) bool { return s.Name == organ }) {
			return true
		}
	}
	return false
}

type instanceKey struct{}

// guard keeps the handlers of a crashed program from running, and tells Publish of the World
// whose handlers those are that run.
func (i *instance) guard(next necro.HandlerFunc) necro.HandlerFunc {
	return func(ctx context.Context, e necro.Event) error {
		if i.link.crashed() {
			return necro.ErrClosed
		}
		return next(context.WithValue(ctx, instanceKey{}, i), e)
	}
}

// publishFrom publishes for an organ.
func (r *run) publishFrom(ctx context.Context, e necro.Event, options []necro.PublishOption) error {
	i, ok := ctx.Value(instanceKey{}).(*instance)
	if !ok {
		r.mu.Lock()
		if len(r.programs) > 0 {
			i = r.programs[0].current
		}
		r.mu.Unlock()
	}
	if i == nil {
		return errors.New("necrotest: publish: the organs do not run yet")
	}
	return i.spine.Publish(ctx, e, options...)
}

// publish publishes the events as a program does that cannot afford to lose any: with ids of
// their own, and again after an error.
func (r *run) publish(events []necro.Event) {
	p := &program{name: "publisher", mortal: true}
	for n := 0; n < len(events) && r.err == nil; {
		l := newLink(r, p)
		s, err := necro.New(l, necro.WithLogger(nil))
		for ; n < len(events) && err == nil; n++ {
			err = s.Publish(context.Background(), events[n], necro.WithID(necro.IDOf(fmt.Sprintf("event %d", n))))
		}
		if err != nil {
			n--
		}
		if err != nil && !errors.Is(err, errInjected) && !l.crashed() {
			r.err = fmt.Errorf("publish event %d: %w", n+1, err)
		}
	}
}

// stop ends the programs, and waits for all that ever ran.
func (r *run) stop() {
	for _, i := range r.launched {
		i.cancel()
		<-i.done
	}
}

// rests reports whether nothing is left to do for an organ that is not paused.
func (r *run) rests() bool {
	for _, o := range r.backend.Health(context.Background()).Organs {
		if o.Paused == "" && o.Ready+o.Leased+o.Scheduled > 0 {
			return false
		}
	}
	return true
}
