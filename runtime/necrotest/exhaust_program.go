package necrotest

import (
	"context"
	"errors"
	"fmt"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// program is a set of organs that run in one process, and are run again when it has ended.
type program struct {
	name    string
	mortal  bool // it crashes
	organs  func() []necro.Organ
	next    []necro.Organ  // the organs of its next start, when they exist already
	options []necro.Option // those of the World that suit it
	current *instance
	starts  int
}

// instance is a program from its start to its end.
type instance struct {
	link   *link
	spine  *necro.Spine
	organs []contract.OrganSpec
	cancel context.CancelFunc
	done   chan struct{}
	err    error // what Run returned
}

// addPrograms makes the programs of the World.
func (r *run) addPrograms() error {
	w := r.world
	if w.Organs != nil {
		r.programs = append(r.programs, &program{name: "organs", mortal: true, organs: w.Organs})
	}
	if len(w.InMemory) > 0 {
		r.programs = append(r.programs, &program{name: "organs in memory", organs: func() []necro.Organ { return w.InMemory }})
	}
	if len(r.programs) == 0 {
		return errors.New("the World has no organs: set Organs or InMemory")
	}
	given := map[string]bool{}
	for _, p := range r.programs {
		p.next = p.organs()
		for _, o := range p.next {
			if o == nil {
				return errors.New("an organ of the World is nil")
			}
			name := o.NecroOrgan().Name
			if given[name] {
				return fmt.Errorf("organ %s is given twice", name)
			}
			given[name] = true
		}
	}
	r.shareOptions()
	return nil
}

// shareOptions gives every program those options of the World that suit it: a policy is for
// the one that has its organ. An option that suits none of them is given to all, to be refused.
func (r *run) shareOptions() {
	for _, o := range r.world.Options {
		var suited []*program
		for _, p := range r.programs {
			if _, err := necro.New(r.backend, necro.WithOrgans(p.next...), o); err == nil {
				suited = append(suited, p)
			}
		}
		if suited == nil {
			suited = r.programs
		}
		for _, p := range suited {
			p.options = append(p.options, o)
		}
	}
}

// isRunning reports whether the instance has neither ended nor crashed.
func (i *instance) isRunning() bool {
	select {
	case <-i.done:
		return false
	default:
		return !i.link.hasCrashed()
	}
}

// backoff is how long every retry waits: longer than a lease, so that a fault that takes
// time does not change the order in which deliveries come.
const backoff = time.Minute

// launchProgram starts a program.
func (r *run) launchProgram(p *program) error {
	i := &instance{link: newLink(r, p), done: make(chan struct{})}
	organs := p.next
	if p.next = nil; organs == nil {
		organs = p.organs()
	}
	options := []necro.Option{necro.WithLogger(nil), necro.WithMiddleware(i.guardHandler)}
	options = append(append(options, p.options...), necro.WithOrgans(organs...), necro.WithLease(lease))
	for _, o := range organs {
		if o == nil {
			return errors.New("an organ of the World is nil")
		}
		spec := o.NecroOrgan()
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

type instanceKey struct{}

// guardHandler keeps the handlers of a crashed program from running, and tells Publish of the World
// whose handlers those are that run.
func (i *instance) guardHandler(next necro.HandlerFunc) necro.HandlerFunc {
	return func(ctx context.Context, e necro.Event) error {
		if i.link.hasCrashed() {
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
