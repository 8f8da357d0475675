package necro_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// givingUp is a counter whose handler fails for good for the numbers that it is told, and which enters those in the tally when
// they are given up.
type givingUp struct {
	counter
	giveUp func(ctx context.Context, s *tally, number string, why *contract.Death) error
}

func (g *givingUp) NecroOrgan() contract.OrganSpec {
	spec := g.counter.NecroOrgan()
	spec.Routes[0].GiveUp = &contract.Route{
		Event: &pingType, Method: "GiveUp", State: true,
		Handle: func(ctx context.Context, _ contract.Event, out *contract.Emissions) error {
			m, _ := necro.MetaFrom(ctx)
			return g.giveUp(ctx, out.State.(*tally), m.Headers["n"], out.Death)
		},
	}
	return spec
}

// enterGivenUp enters the number in the tally, with a mark.
func enterGivenUp(_ context.Context, s *tally, number string, _ *contract.Death) error {
	s.text += "!" + number + " "
	return nil
}

// conflictOnce is a backend that answers the first settle of a dead letter with a conflict.
type conflictOnce struct {
	contract.StatefulBackend
	done bool
}

type conflictConsumer struct {
	contract.Consumer
	b *conflictOnce
}

func (b *conflictOnce) Subscribe(ctx context.Context, subs []contract.Subscription) ([]contract.Consumer, error) {
	cs, err := b.StatefulBackend.Subscribe(ctx, subs)
	for i := range cs {
		cs[i] = conflictConsumer{cs[i], b}
	}
	return cs, err
}

func (c conflictConsumer) Settle(ctx context.Context, outcomes []contract.Outcome) (contract.Results, error) {
	for i := range outcomes {
		if outcomes[i].Kind == contract.OutcomeDead && !c.b.done {
			c.b.done = true
			results := make(contract.Results, len(outcomes))
			for j := range results {
				results[j] = contract.ResultConflict
			}
			return results, nil
		}
	}
	return c.Consumer.Settle(ctx, outcomes)
}

// TestGiveUpRunsAgainAloneBehindAConflict: the handler has failed for good, and is not called again.
func TestGiveUpRunsAgainAloneBehindAConflict(t *testing.T) {
	handled, gaveUp := 0, 0
	g := &givingUp{counter: counter{handle: func(_ context.Context, _ *tally, number string, _ *contract.Emissions) error {
		handled++
		return necro.Permanent(errors.New("never"))
	}}, giveUp: func(ctx context.Context, s *tally, number string, why *contract.Death) error {
		gaveUp++
		if why.Reason != contract.ReasonPermanent || !strings.Contains(why.Error, "never") {
			t.Errorf("the give-up handler is told %q: %s", why.Reason, why.Error)
		}
		return enterGivenUp(ctx, s, number, why)
	}}
	b := &conflictOnce{StatefulBackend: memory.New()}
	s, err := necro.New(b, necro.WithOrgans(g), necro.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	publishNumbers(t, s, "a", 1)
	drainState(t, s)
	if !b.done || handled != 1 || gaveUp != 2 {
		t.Errorf("a conflict %t, the handler was called %d times, its give-up handler %d, want 1 and 2", b.done, handled, gaveUp)
	}
	wantTally(t, s, "a", "!0 ")
}

// TestGiveUpOfAHandlerThatHangs: the watch takes the delivery away, and its give-up handler runs for it later. One that hangs
// itself is taken away as well, and does not run again.
func TestGiveUpOfAHandlerThatHangs(t *testing.T) {
	for name, hangs := range map[string]bool{"handler": false, "give-up handler": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				end := make(chan struct{})
				gaveUp := 0
				g := &givingUp{counter: counter{policy: contract.Policy{Retry: 1, Timeout: time.Second}, handle: func(_ context.Context, _ *tally, number string, _ *contract.Emissions) error {
					if hangs {
						return errors.New("no")
					}
					<-end
					return nil
				}}, giveUp: func(ctx context.Context, s *tally, number string, why *contract.Death) error {
					gaveUp++
					if hangs {
						<-end
					}
					return enterGivenUp(ctx, s, number, why)
				}}
				b := memory.New()
				s, err := necro.New(b, necro.WithOrgans(g), necro.WithLogger(nil), necro.WithGrace(time.Second))
				if err != nil {
					t.Fatal(err)
				}
				publishNumbers(t, s, "a", 1)
				ctx, stop := context.WithTimeout(t.Context(), time.Minute)
				defer stop()
				ran := make(chan error)
				go func() { ran <- s.Run(ctx) }()
				time.Sleep(30 * time.Second)
				close(end)
				<-ran
				want := "!0 "
				if hangs {
					want = ""
				}
				wantTally(t, s, "a", want)
				letters, err := b.DeadLetters(t.Context(), "counter", necro.ID{}, 10)
				if err != nil || len(letters) != 1 || gaveUp != 1 {
					t.Fatalf("%d dead letters, error %v, the give-up handler was called %d times, want 1", len(letters), err, gaveUp)
				}
				l := letters[0]
				if l.Attempts != 0 || l.GaveUp == hangs || hangs != strings.Contains(l.Error, "give-up handler GiveUp failed") {
					t.Errorf("attempts before the last one %d, gave up %t, error %s", l.Attempts, l.GaveUp, l.Error)
				}
			})
		})
	}
}
