package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/examples/internal/input"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// service is the program's topology, ready to run.
type service struct {
	backend cli.Backend
	spine   *necro.Spine
	audit   *Audit
	world   *world
	stored  stored
}

func newService(o *options, backend cli.Backend, w *world, trail, tell io.Writer) (*service, error) {
	s := &service{backend: backend, audit: NewAudit(trail, tell, o.show), world: w}
	organs := necro.WithOrgans(
		&Validator{o.users}, &Router{o.users},
		&EmailChannel{w.mail}, &SMSChannel{w.sms}, &PushChannel{w.push},
		NewCompletion(), s.audit,
	)
	var err error
	s.spine, err = necro.New(s.backend, organs, necro.WithLogger(o.log), necro.PolicyFromEnv())
	return s, err
}

// publishEvents stores events; it waits while the backend is full.
func (s *service) publishEvents(ctx context.Context, events ...necro.Event) error {
	err := cli.Publish(ctx, s.spine, s.backend, events...)
	if err == nil {
		s.stored.addEvents(events)
	}
	return err
}

// countWaiting returns how many deliveries are stored and not settled.
func countWaiting(h contract.Health) (n int) {
	for _, organ := range h.Organs {
		n += organ.Ready + organ.Leased + organ.Scheduled
	}
	return n
}

// finishEarlier works off what a run that was killed has left in a backend that outlives it.
// It is in no report.
func finishEarlier(ctx context.Context, o *options, backend cli.Backend, w *world, stderr io.Writer) error {
	left := countWaiting(backend.Health(ctx))
	if left == 0 {
		return nil
	}
	fmt.Fprintf(stderr, "notifications: an earlier run left %s deliveries, they are finished first: this may take half a minute\n", cli.Count(left))
	s, err := newService(o, backend, w, nil, nil)
	if err != nil {
		return err
	}
	_, err = s.spine.Drain(ctx)
	return errors.Join(err, s.spine.Close())
}

// work publishes notifications until there are no more; it returns how many lines were wrong.
type work func(ctx context.Context) (wrong int, err error)

// chooseWork returns the function that publishes the notifications that the options ask for.
func (s *service) chooseWork(o *options, sources []input.Source, stdin io.Reader, stdout io.Writer, screen *cli.Screen) work {
	switch {
	case o.interactive:
		c := &console{s: s, out: screen.Above(stdout)}
		return func(ctx context.Context) (int, error) { return c.runConsole(ctx, stdin, screen) }
	case o.stress > 0:
		return func(ctx context.Context) (int, error) { return 0, newFlow(o.seed).publishRandom(ctx, s, o.stress) }
	}
	f := s.makeFeed(sources, screen)
	return func(ctx context.Context) (int, error) {
		err := f.Run(ctx)
		return f.Bad, err
	}
}

// serveOrgans runs the organs while notifications are published, and until nothing is left to do.
func (s *service) serveOrgans(ctx context.Context, o *options, w work, screen *cli.Screen) (wrong int, err error) {
	if !o.interactive {
		defer cli.Progress(screen, "notifications", o.stress, s.countSettled)()
	}
	err = cli.Serve(ctx, s.spine, func(ctx context.Context) (err error) {
		wrong, err = w(ctx)
		return err
	})
	return wrong, err
}

// countSettled returns how many notifications were completed or rejected.
func (s *service) countSettled() uint64 {
	t, _ := s.audit.totalsAndOpen()
	return t.Completed + t.Rejected
}
