package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/necrostack/necrogen/examples/internal/cli"
	necro "github.com/necrostack/necrogen/runtime"
)

// publishOnly publishes notifications, and leaves them to workers. Its spine has the organs, which it
// does not run, so that they are bound before there is anything for them.
func publishOnly(ctx context.Context, o *options, stdin io.Reader, stdout io.Writer, screen *cli.Screen) (code int, err error) {
	sources, err := o.openNamed(ctx, stdin)
	if err != nil {
		return cli.ExitUsage, err
	}
	s, err := connectRedis(ctx, o, &world{})
	if err != nil {
		return cli.ExitUsage, err
	}
	defer s.closeService()
	wrong, err := s.chooseWork(o, sources, stdin, stdout, screen)(ctx)
	fmt.Fprintln(stdout, &s.stored)
	switch {
	case ctx.Err() != nil:
		return cli.ExitInterrupted, errors.New("interrupted")
	case err != nil || wrong > 0:
		return cli.ExitWrong, err
	}
	return cli.ExitDone, nil
}

// workOnly works on the events of other processes, until ctx ends.
func workOnly(ctx context.Context, o *options, stdin io.Reader, stdout io.Writer, screen *cli.Screen) (code int, err error) {
	if _, err := o.openNamed(ctx, stdin); err != nil {
		return cli.ExitUsage, err
	}
	w, err := newWorld(o)
	if err != nil {
		return cli.ExitUsage, err
	}
	defer w.Close()
	s, err := connectRedis(ctx, o, w)
	if err != nil {
		return cli.ExitUsage, err
	}
	defer s.closeService()
	if err := s.spine.Run(ctx); err != nil {
		return cli.ExitWrong, err
	}
	return cli.ExitDone, nil
}

// connectRedis returns a service on Redis. Its audit is not printed, because it would see only a part.
func connectRedis(ctx context.Context, o *options, w *world) (*service, error) {
	backend, err := cli.Open(ctx, o.redis, "notifications", o.log, nil)
	if err != nil {
		return nil, err
	}
	s, err := newService(o, backend, w, nil, nil)
	if err != nil {
		return nil, errors.Join(err, backend.Close())
	}
	return s, nil
}

func (s *service) closeService() error { return errors.Join(s.spine.Close(), s.backend.Close()) }

// stored counts the published events: notifications, and the deliveries that they ask for.
type stored struct {
	notifications uint64
	deliveries    [3]uint64 // as channels are
}

func (s *stored) addEvents(events []necro.Event) {
	for _, e := range events {
		s.notifications++
		for _, c := range e.(*NotificationRequested).Channels {
			s.deliveries[channelIndex(c)]++
		}
	}
}

func (s *stored) String() string {
	text := fmt.Sprintf("stored %s notifications:", cli.Count(s.notifications))
	for i, c := range channels {
		text += fmt.Sprintf(" %s %s", cli.Count(s.deliveries[i]), c)
	}
	return text
}
