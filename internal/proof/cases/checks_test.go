package cases

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/source"
	"github.com/necrostack/necrogen/internal/gen/write"
	"github.com/necrostack/necrogen/internal/testkit/files"
	"github.com/necrostack/necrogen/templates"
)

// TestChecksOfHeldStructs: the validator of an event asks the cross-field rules of the structs that it
// holds. The case checks_nested shows what they then say.
func TestChecksOfHeldStructs(t *testing.T) {
	root := module(t)
	files.Write(t, filepath.Join(root, "shop", "shop.go"), []byte(`package shop

//necro:event output
type Placed struct {
	Legs []*Leg `+"`validate:\"dive\"`"+`
	Base
}

type Base struct{ From, To int }

//necro:check
func (b *Base) span() error { return nil }

type Leg struct{ Bid, Ask int }

//necro:check
func (l *Leg) spread() error { return nil }
`))
	topology, diags, err := source.Load(context.Background(), root, []string{"./shop"})
	if err != nil || len(diags) > 0 {
		t.Fatal(err, diags)
	}
	changes, diags, err := write.Plan(topology, templates.Emit)
	if err != nil || len(diags) > 0 || len(changes) != 1 {
		t.Fatal(err, diags, len(changes))
	}
	for _, call := range []string{".span()", ".spread()"} {
		if !strings.Contains(string(changes[0].New), call) {
			t.Errorf("nothing calls %s in\n%s", call, changes[0].New)
		}
	}
}
