package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/examples/internal/input"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// outcomeWriter returns the writer to which outcomes go as soon as they are known: the screen, when a user sits at a prompt.
func (o *options) outcomeWriter(out io.Writer) io.Writer {
	if o.interactive {
		return out
	}
	return nil
}

// console is the prompt.
type console struct {
	s    *service
	out  io.Writer
	last uint64 // id of the latest notification
}

func (c *console) runConsole(ctx context.Context, stdin io.Reader, screen *cli.Screen) (wrong int, err error) {
	shell := &cli.Shell{Prompt: "notify> ", Commands: []cli.Command{
		{Name: "send", Args: "USER CHANNELS MESSAGE", Help: "tell a user something: send ada email|sms Your parcel is here", Run: c.sendCommand(Normal)},
		{Name: "urgent", Args: "USER CHANNELS MESSAGE", Help: "the same with high priority", Run: c.sendCommand(High)},
		{Name: "sample", Help: "send the sample notifications", Run: c.sampleCommand(screen)},
		{Name: "wait", Help: "until nothing is left to do", Run: c.awaitSettled},
		{Name: "stats", Help: "what waits, what was done, and which breaker is open", Run: c.showStats},
		{Name: "dead", Help: "list the dead letters", Run: c.showDead},
		{Name: "redrive", Args: "[ORGAN]", Help: "send the dead letters again, of one organ or of all", Run: c.redriveLetters},
		{Name: "gateway", Args: "up|down", Help: "take the built-in gateway down, or up again", Run: c.setGateway},
	}}
	return shell.Run(ctx, stdin, screen)
}

func (c *console) sendCommand(p Priority) func(context.Context, string) error {
	return func(ctx context.Context, rest string) error {
		words := strings.SplitN(rest, " ", 3)
		if len(words) < 3 {
			return errors.New("need a user, channels and a message: send ada email|sms Your parcel is here")
		}
		e := makeRequest(c.last+1, words[0], words[1], strings.TrimSpace(words[2]), string(p))
		if err := e.Validate(); err != nil {
			return err
		}
		if err := c.s.publishEvents(ctx, e); err != nil {
			return err
		}
		c.last++
		return nil
	}
}

func (c *console) sampleCommand(screen *cli.Screen) func(context.Context, string) error {
	return func(ctx context.Context, _ string) error {
		f := c.s.makeFeed([]input.Source{input.Text("sample notifications", sample)}, screen)
		f.Event = func(r *input.Record, _ uint64) (necro.Event, error) {
			c.last++
			return eventOf(r, c.last)
		}
		return f.Run(ctx)
	}
}

// glance is how often wait looks.
const glance = 20 * time.Millisecond

func (c *console) awaitSettled(ctx context.Context, _ string) error {
	ticker := time.NewTicker(glance)
	defer ticker.Stop()
	for countWaiting(c.s.backend.Health(ctx)) > 0 {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (c *console) showStats(ctx context.Context, _ string) error {
	health := c.s.spine.Health(ctx)
	done := map[string]necro.Counts{}
	for _, r := range c.s.spine.Stats().Routes {
		counts := done[r.Organ]
		counts.Handled += r.Handled
		counts.Retried += r.Retried
		done[r.Organ] = counts
	}
	open := map[string]string{}
	for _, o := range health.Organs {
		if o.Open {
			open[o.Organ] = "open"
		}
	}
	t := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "organ\twaiting\tto retry\tdone\tretried\tdead\tbreaker\t")
	for _, name := range organs {
		i := slices.IndexFunc(health.Backend.Organs, func(o contract.OrganHealth) bool { return o.Organ == name })
		if i < 0 {
			continue
		}
		o := health.Backend.Organs[i]
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", name, cli.Count(o.Ready+o.Leased), cli.Count(o.Scheduled),
			cli.Count(done[name].Handled), cli.Count(done[name].Retried), cli.Count(o.Dead), open[name])
	}
	return t.Flush()
}

func (c *console) showDead(ctx context.Context, _ string) error {
	n := 0
	for _, organ := range organs {
		err := c.s.visitLetters(ctx, organ, func(l *contract.DeadLetter) bool {
			n++
			fmt.Fprintln(c.out, lineOf(l))
			return true
		})
		if err != nil {
			return err
		}
	}
	fmt.Fprintln(c.out, countNoun(n, "dead letter"))
	return nil
}

func (c *console) redriveLetters(ctx context.Context, organ string) error {
	names := organs[:]
	if organ != "" {
		if !slices.Contains(organs[:], organ) {
			return fmt.Errorf("there is no organ %q: there are %s", organ, strings.Join(organs[:], ", "))
		}
		names = []string{organ}
	}
	n, err := c.s.redriveOrgans(ctx, names...)
	fmt.Fprintf(c.out, "%s sent again\n", countNoun(n, "dead letter"))
	return err
}

func (c *console) setGateway(_ context.Context, state string) error {
	switch {
	case c.s.world.builtin == nil:
		return errors.New("there is no built-in gateway here: both --smtp and --gateway are given")
	case state != "up" && state != "down":
		return errors.New("need up or down: gateway down")
	}
	c.s.world.builtin.SetDown(state == "down")
	return nil
}
