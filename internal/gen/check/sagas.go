package check

import (
	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// maxWay bounds how many steps of a way are spelt out.
const maxWay = 12

// checkSagas tells where the proofs of sagas break: see [graph.Saga].
func (c *checker) checkSagas(g *graph.Graph, packages map[string]*model.Package) {
	known := func(e *graph.Event) bool { return packages[e.Path] != nil && packages[e.Path].Closed }
	for _, s := range g.Sagas(known) {
		if packages[s.Path] == nil || !packages[s.Path].Root {
			continue
		}
		for _, gap := range s.Gaps() {
			c.addGap(s, gap)
		}
	}
}

// addGap reports one, with its way as steps.
func (c *checker) addGap(s *graph.Saga, gap graph.Gap) {
	saga, h := s.State().GoName, gap.Handler
	switch gap.Lack {
	case graph.NoTimer:
		c.addDiag(diag.New(diag.SagaNoTimer, emissionPos(h, gap.Command), saga, h.Method, gap.Command.Name).
			WithHint("return a necro.Timer[X] beside it, and stop it when the answer comes: what cannot be decoded, or a give-up handler that fails, tells nobody").
			WithRelated(gap.Command.Pos, "the command"))
		return
	case graph.NoEnd:
		d := diag.New(diag.SagaNoEnd, h.Pos, saga, h.Event.Name).
			WithHint("return necro.End where it is over, or necro.Compensate where it turns back, in a handler that its emissions or timers lead to")
		c.addDiag(withWay(d, gap.Way))
		return
	}
	at := gap.At
	d := diag.New(diag.SagaUnanswered, emissionPos(h, gap.Command), saga, h.Method, gap.Command.Name, at.Organ.Name+"."+at.Method, s.Name).
		WithHint("let %s return an event that %s handles", at.Method, s.GoName)
	if gap.Lack == graph.NoGiveUp {
		d = diag.New(diag.SagaUntold, emissionPos(h, gap.Command), saga, h.Method, gap.Command.Name, at.Organ.Name, at.Event.Name).
			WithHint("write in %s, with //necro:giveup: func (…) Name(ctx context.Context, e *%s, why *necro.Death) (*X, error), with an X that %s handles", at.Organ.GoName, at.Event.GoName, s.GoName)
	}
	d = withWay(d, gap.Way)
	what := "%s takes it, and emits nothing that leads back"
	switch {
	case gap.Lack == graph.NoGiveUp && !at.GiveUp:
		what = "%s takes it, and has no give-up handler for it"
	case gap.Lack == graph.NoGiveUp:
		what = "%s is called when it is given up, and emits nothing that leads back"
	}
	c.addDiag(d.WithRelated(at.Pos, what, at.Organ.Name+"."+at.Method))
}

// withWay spells a way out.
func withWay(d diag.Diagnostic, way []graph.Step) diag.Diagnostic {
	for _, s := range way[:min(len(way), maxWay)] {
		d = d.WithRelated(emissionPos(s.Handler, s.Emits), "%s.%s emits %s", s.Handler.Organ.Name, s.Handler.Method, s.Emits.Name)
	}
	return d
}
