package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// checkChains judges the topology as a whole: events that end up nowhere, and circles. A mistake that may
// have taken a part out of the topology, or a key that would mend it, is told alone: the rest would be
// the same mistake in other words.
func (c *checker) checkChains() {
	if c.maybeIncomplete() {
		return
	}
	outputs, bounds := !c.hasAnyOf(keyMistakes), !c.hasAnyOf(keyMistakes) && !c.hasAnyOf(valueMistakes)
	g := graph.New(c.topology)
	packages := map[string]*model.Package{}
	for _, p := range c.topology.Packages {
		if !p.Test {
			packages[p.Path] = p
		}
	}
	for _, e := range g.Events {
		if p := packages[e.Path]; outputs && p != nil && p.Closed {
			c.checkHandled(e)
			c.checkTicked(e)
		}
	}
	if outputs {
		c.unusedStates()
		if !c.hasAnyOf([]diag.Code{diag.UndoForm, diag.UndoNoState}) {
			c.checkUndos(g, packages)
			c.checkSagas(g, packages)
		}
	}
	for _, cycle := range g.UnboundedCycles() {
		if bounds && slices.ContainsFunc(cycle, func(s graph.Step) bool { return packages[s.Handler.Organ.Path].Root }) {
			c.addUnboundedCycle(cycle)
		}
	}
}

// The mistakes in the words of a directive, one of which may have been meant as output or maxhops, and
// those in values.
var (
	keyMistakes = []diag.Code{
		diag.UnknownKey, diag.KeyNotHere, diag.FlagValue, diag.NameNotFirst, diag.NameLikeFlag, diag.BadName, diag.QuotedValue, diag.ValueMissing,
	}
	valueMistakes = []diag.Code{diag.BadValue, diag.OutOfRange, diag.RepeatedKey}
)

func (c *checker) hasAnyOf(codes []diag.Code) bool {
	return slices.ContainsFunc(c.diags, func(d diag.Diagnostic) bool { return slices.Contains(codes, d.Code) })
}

// maybeIncomplete says that an event, an organ or a handler may be missing from the topology: a file or a
// directive can't be read, or a signature is wrong.
func (c *checker) maybeIncomplete() bool {
	return slices.ContainsFunc(c.topology.Packages, func(p *model.Package) bool { return p.Root && p.Broken }) ||
		slices.ContainsFunc(c.diags, func(d diag.Diagnostic) bool {
			switch {
			case slices.Contains(keyMistakes, d.Code), slices.Contains(valueMistakes, d.Code), d.Code == diag.BadCheck, d.Code == diag.NotMarked:
				return false
			case d.Code == diag.BadKeyField, d.Code == diag.UnknownKeyField, d.Code == diag.UserValidate, d.Code == diag.FieldTaken, d.Code == diag.AliasTaken:
				return false
			}
			return d.Code < diag.Contradiction || d.Code == diag.TwoStates // files, directives, events, organs and handlers
		})
}

// checkHandled wants an event handled that is emitted, unless it is an output.
func (c *checker) checkHandled(e *graph.Event) {
	if e.Output || len(emittersOf(e)) == 0 || slices.ContainsFunc(e.Handlers, (*graph.Handler).HandlesOnPurpose) {
		return
	}
	emitters := emittersOf(e)
	h := emitters[0]
	d := diag.New(diag.Unhandled, emissionPos(h, e), h.Organ.Name, e.Name).
		WithHint("write a handler for it, or say that it is meant for the outside: //necro:event output").
		WithRelated(e.Pos, "declared here")
	for _, other := range emitters[1:] {
		d = d.WithRelated(emissionPos(other, e), "%s emits it, too", other.Organ.Name)
	}
	c.addDiag(d)
}

// emittersOf returns the handlers that emit an event, without those that start a timer: its event goes to their own organ, and is
// judged there.
func emittersOf(e *graph.Event) (emitters []*graph.Handler) {
	for _, h := range e.Emitters {
		if slices.ContainsFunc(h.Emits, func(x graph.Emission) bool { return x.Event == e && !x.Timer }) {
			emitters = append(emitters, h)
		}
	}
	return emitters
}

// emissionPos is where a handler's source says that it emits an event.
func emissionPos(h *graph.Handler, e *graph.Event) model.Pos {
	for _, p := range slices.Concat(h.Func.Results, h.Func.Params) {
		if p.Event == e.Event && (p.Role == model.RoleEmit || slices.Contains(h.Func.Results, p)) {
			return p.Pos
		}
	}
	return h.Pos
}

// addUnboundedCycle reports a circle in which no organ says how long a chain may get.
func (c *checker) addUnboundedCycle(cycle []graph.Step) {
	words := []string{cycle[0].Handler.Event.Name}
	var organs []string
	for _, s := range cycle {
		words = append(words, fmt.Sprintf("%s.%s", s.Handler.Organ.Name, s.Handler.Method), s.Emits.Name)
		organs = append(organs, s.Handler.Organ.Name)
	}
	d := diag.New(diag.UnboundedCycle, cycle[0].Handler.Pos, strings.Join(words, " → ")).
		WithHint("say how many hops are enough, at one of them: maxhops=10 at %s", strings.Join(slices.Compact(organs), " or "))
	for _, s := range cycle {
		d = d.WithRelated(emissionPos(s.Handler, s.Emits), "%s emits %s", s.Handler.Organ.Name, s.Emits.Name)
	}
	c.addDiag(d)
}

// Unemitted tells which events are handled and come from no handler that can be seen. They are
// what the program is asked from outside, unless one of them was meant to be emitted.
func Unemitted(t *model.Topology) []diag.Diagnostic {
	closed := map[string]bool{}
	for _, p := range t.Packages {
		closed[p.Path] = closed[p.Path] || p.Closed && !p.Test
	}
	var diags []diag.Diagnostic
	for _, e := range graph.New(t).Events {
		if i := slices.IndexFunc(e.Handlers, (*graph.Handler).HandlesOnPurpose); closed[e.Path] && len(e.Emitters) == 0 && e.Every == nil && i >= 0 {
			diags = append(diags, diag.New(diag.Unemitted, e.Pos, e.Name, e.Handlers[i].Organ.Name).
				WithHint("publish it: spine.Publish(ctx, &%s{…})", e.GoName))
		}
	}
	return diags
}

// Bounds compares the possible length of chains with the allowed one, where 0 allows everything.
func Bounds(t *model.Topology, maxDepth, maxFanOut uint64) []diag.Diagnostic {
	if maxDepth == 0 && maxFanOut == 0 {
		return nil
	}
	var diags []diag.Diagnostic
	for _, b := range graph.New(t).Bounds() {
		if maxDepth > 0 && b.Depth > maxDepth {
			diags = append(diags, diag.New(diag.TooDeep, b.Event.Pos, b.Event.Name, graph.Number(b.Depth), maxDepth).
				WithHint("see it with necrogen graph -chain %s; maxhops bounds a circle", b.Event.Name))
		}
		if maxFanOut > 0 && b.FanOut > maxFanOut {
			diags = append(diags, diag.New(diag.TooWide, b.Event.Pos, b.Event.Name, graph.Number(b.FanOut), maxFanOut).
				WithHint("see it with necrogen graph -chain %s; an arrow with many stands for up to 10,000 events, or for as many as rules allow in the lists of the handled event", b.Event.Name))
		}
	}
	return diag.Sort(diags)
}
