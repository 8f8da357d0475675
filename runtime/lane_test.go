package necro_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// laneBackend notes what organs ask for. It says that it keeps lanes, or that it does not.
type laneBackend struct {
	*memory.Backend
	keeps bool
	subs  []contract.Subscription
}

func (b *laneBackend) KeepsLanes() bool { return b.keeps }

func (b *laneBackend) Subscribe(_ context.Context, subs []contract.Subscription) ([]contract.Consumer, error) {
	b.subs = append(b.subs, subs...)
	return nil, contract.Permanent(context.Canceled)
}

// TestLanesAreAskedFor: an organ with lanes is not exclusive where the backend keeps them, and has none where it does not.
func TestLanesAreAskedFor(t *testing.T) {
	ordered := contract.Policy{Order: necro.OrderKey}
	for name, test := range map[string]struct {
		policy  contract.Policy
		options []necro.PolicyOption
		lacks   bool // the backend keeps none
		lanes   int
		said    string
		refused string
	}{
		"OrderKey":  {policy: contract.Policy{Order: necro.OrderKey, Lanes: 4}, lanes: 4},
		"Option":    {policy: ordered, options: []necro.PolicyOption{necro.Lanes(256)}, lanes: 256},
		"One":       {policy: ordered, options: []necro.PolicyOption{necro.Lanes(1)}, lanes: 1},
		"Lacking":   {policy: contract.Policy{Order: necro.OrderKey, Lanes: 4}, lacks: true, lanes: 1, said: "organ runs without lanes"},
		"Exclusive": {policy: contract.Policy{Order: necro.OrderKey, Lanes: 4, Exclusive: true}, refused: "lanes=4 with exclusive"},
		"Strict":    {policy: contract.Policy{Order: necro.OrderStrict, Lanes: 4}, refused: "lanes=4 with order=strict"},
		"Unordered": {policy: contract.Policy{Lanes: 4}, refused: "lanes=4 without order"},
		"TooMany":   {policy: ordered, options: []necro.PolicyOption{necro.Lanes(257)}, refused: "Lanes(257): need at most 256"},
		"TooFew":    {policy: ordered, options: []necro.PolicyOption{necro.Lanes(0)}, refused: "Lanes(0): need at least 1"},
	} {
		t.Run(name, func(t *testing.T) {
			var said strings.Builder
			b := &laneBackend{Backend: memory.New(), keeps: !test.lacks}
			s, err := necro.New(b, necro.WithOrgans(&organ{name: "a", policy: test.policy, handle: nothing}), necro.WithPolicy("a", test.options...),
				necro.WithLogger(slog.New(slog.NewTextHandler(&said, nil))))
			if test.refused != "" {
				if err == nil || !strings.Contains(err.Error(), test.refused) {
					t.Errorf("got %v, want %q", err, test.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Run(t.Context()); err == nil || len(b.subs) != 1 {
				t.Fatal(err, b.subs)
			}
			if got := b.subs[0]; got.Lanes != test.lanes || got.Exclusive || got.Order != necro.OrderKey {
				t.Errorf("%d lanes, exclusive %t, order %d; want %d", got.Lanes, got.Exclusive, got.Order, test.lanes)
			}
			if !strings.Contains(said.String(), test.said) || test.said == "" && strings.Contains(said.String(), "lanes") {
				t.Errorf("said %q, want %q", said.String(), test.said)
			}
		})
	}
}

// releaser handles a command that has an undo.
type releaser struct{ organ }

func (o *releaser) NecroOrgan() contract.OrganSpec {
	spec := o.organ.NecroOrgan()
	spec.Routes[0].Event = &commandType
	return spec
}

// TestUndosWithoutLanes: an organ that was to keep commands in front of their undos over several processes runs in one of them
// where there are no lanes.
func TestUndosWithoutLanes(t *testing.T) {
	for name, test := range map[string]struct {
		keeps     bool
		options   []necro.PolicyOption
		exclusive bool
	}{
		"Kept":    {keeps: true},
		"Lacking": {exclusive: true},
		"One":     {keeps: true, options: []necro.PolicyOption{necro.Lanes(1)}, exclusive: true},
	} {
		t.Run(name, func(t *testing.T) {
			b := &laneBackend{Backend: memory.New(), keeps: test.keeps}
			o := &releaser{organ{name: "a", policy: contract.Policy{Order: necro.OrderKey, Lanes: 4}, handle: nothing}}
			s, err := necro.New(b, necro.WithOrgans(o), necro.WithPolicy("a", test.options...), necro.WithLogger(nil))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Run(t.Context()); err == nil || len(b.subs) != 1 || b.subs[0].Exclusive != test.exclusive {
				t.Error(err, b.subs)
			}
		})
	}
}
