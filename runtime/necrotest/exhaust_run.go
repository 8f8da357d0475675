package necrotest

import (
	"context"
	"errors"
	"fmt"
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
	nanos    int64                // the time of all events
	ticks    map[string]firstTick // by the identities of events with a schedule; written before the programs start
	programs []*program
	launched []*instance // of all programs, the crashed ones too
	err      error       // why the run cannot go on
	struck   bool

	mu      sync.Mutex
	counts  map[call]int // by caller and op
	calls   map[op]int
	strikes []strike // what can happen to the calls
	names   map[string]int
	turns   map[string]*turn // organs that wait in Fetch
	ranks   []string         // all organs, in the order in which they get their turns
	log     []string
}

// Limits of a run: one that exceeds them does not come to rest.
const (
	maxTurns  = 100_000
	maxStarts = 100
	maxTime   = 25 * time.Hour
	maxDelays = 24 * time.Hour
)

func newRun(p pass) *run {
	return &run{
		pass: p, backend: memory.New(memory.WithCopy()), record: newRecord(), nanos: time.Now().UnixNano(),
		counts: map[call]int{}, calls: map[op]int{}, names: map[string]int{}, turns: map[string]*turn{},
	}
}

// runWorld runs a World to its end. It is called in a bubble of virtual time.
func (r *run) runWorld(build func(*World), events []necro.Event) error {
	r.world = &World{r: r}
	defer r.world.runCleanups()
	build(r.world)
	if err := r.addPrograms(); err != nil {
		return err
	}
	if err := r.beginSchedules(); err != nil {
		return err
	}
	r.servePrograms(events)
	r.stopPrograms()
	if r.err == nil && r.world.Snapshot != nil {
		r.record.snapshot = r.world.Snapshot()
	}
	r.backend.Close()
	return r.err
}

// servePrograms starts the programs, publishes the events and gives the organs their turns, until
// nothing is left to do.
func (r *run) servePrograms(events []necro.Event) {
	published, pause, begun := false, time.Millisecond, time.Now()
	for turns := 0; r.err == nil; {
		synctest.Wait()
		switch {
		case r.reviveCrashed():
		case r.anyOrganBusy():
			pause = r.sleepNext(pause, time.Second)
		case !published:
			published = true
			r.publishUntilStored(events)
		case r.giveTurn():
			turns++
			pause = time.Millisecond
		case r.nothingLeft(time.Since(begun)):
			return
		default: // for scheduled retries
			pause = r.sleepNext(pause, time.Minute)
		}
		if turns > maxTurns || time.Since(begun) > maxTime {
			r.err = fmt.Errorf("the run does not come to rest: after %d turns and %s something is left: does a chain run in a circle?",
				turns, time.Since(begun).Round(time.Second))
		}
	}
}

// sleepNext lets time pass, and returns how long to sleep next if nothing happens: at most so long.
func (r *run) sleepNext(d, most time.Duration) time.Duration {
	time.Sleep(d)
	return min(2*d, most)
}

// reviveCrashed starts the programs that do not run, and reports whether there were any.
func (r *run) reviveCrashed() (started bool) {
	for _, p := range r.programs {
		if p.current != nil && p.current.isRunning() {
			continue
		}
		started = true
		if p.starts++; p.starts > maxStarts {
			<-p.current.done
			r.err = fmt.Errorf("a program ended %d times, at last with: %w", maxStarts, p.current.err)
			return
		}
		if r.err = r.launchProgram(p); r.err != nil {
			return
		}
	}
	return started
}

// publishUntilStored publishes the events as a program does that cannot afford to lose any: with ids of
// their own, and again after an error.
func (r *run) publishUntilStored(events []necro.Event) {
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
		if err != nil && !errors.Is(err, errInjected) && !l.hasCrashed() {
			r.err = fmt.Errorf("publish event %d: %w", n+1, err)
		}
	}
}

// stopPrograms ends the programs, and waits for all that ever ran.
func (r *run) stopPrograms() {
	for _, i := range r.launched {
		i.cancel()
		<-i.done
	}
}

// nothingLeft reports whether nothing is left to do for an organ that is not paused. Delayed events and ticks are waited for through
// the first day of the run.
func (r *run) nothingLeft(lasts time.Duration) bool {
	h := r.backend.Health(context.Background())
	if (h.Delayed > 0 || r.ticksLeft()) && lasts <= maxDelays {
		return false
	}
	for _, o := range h.Organs {
		if o.Paused == "" && o.Ready+o.Leased+o.Scheduled > 0 {
			return false
		}
	}
	return true
}
