package check

import (
	"slices"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// batchHandler judges a handler that takes a slice of events, in.
func (c *checker) batchHandler(o *model.Organ, f *model.Func, in *model.Param) {
	c.onlyNewest(in)
	wrong := func(pos model.Pos, why, hint string) {
		c.addDiag(diag.New(diag.BatchForm, pos, f.Name, why).WithHint("%s", hint))
	}
	name := in.Event.GoName
	if !in.Pointer {
		wrong(in.Pos, "as "+in.Desc, "write []*"+name)
	}
	if f.EventAt() == 2 {
		wrong(f.Params[1].Pos, "with a state, which belongs to the key of one event", "take one event: "+name)
	}
	if o.Policy.Word("order") == "strict" {
		wrong(in.Pos, "with order=strict, which runs one delivery at a time", "write order=key, which puts one event of each key in a batch, or take one event: "+name)
	}
	if f.Directive.Arg("batch") == nil && o.Directive.Arg("batch") == nil {
		wrong(f.Directive.Pos, "without batch=", "say how many events at most, and how long to wait for them: //necro:handle batch=100/50ms")
	}
	for _, p := range f.Params[f.EventAt()+1:] {
		wrong(p.Pos, "and "+p.Desc, "return what the events emit, by their positions: ([]*X, error)")
	}
	c.batchResults(f, wrong)
}

// batchResults judges what a batch handler returns.
func (c *checker) batchResults(f *model.Func, wrong func(pos model.Pos, why, hint string)) {
	for _, r := range f.Results {
		if r.Role != model.RoleError && (r.Role != model.RoleEvent || !r.Slice || !r.Pointer) {
			wrong(r.Pos, "and returns "+r.Desc, "return a slice with one element for each event, nil for one that emits nothing: ([]*X, error)")
		}
	}
	if !slices.ContainsFunc(f.Results, func(r *model.Param) bool { return r.Role == model.RoleError }) {
		wrong(f.Pos, "and returns no error", "return one: necro.Failed says which of the events have failed")
	}
}

// takesBatch reports whether a method of an organ takes a slice of events.
func takesBatch(f *model.Func) bool {
	return f.Directive.Verb == directive.Handle && len(f.Params) > f.EventAt() && f.Params[f.EventAt()].Role == model.RoleBatch
}

// checkBatchKeys reports a batch= that no handler obeys.
func (c *checker) checkBatchKeys(p *model.Package, o *model.Organ) {
	used := false
	for _, f := range p.Funcs {
		if f.Recv != o.GoName || f.Directive.Verb != directive.Handle {
			continue
		}
		used = used || takesBatch(f)
		if a := f.Directive.Arg("batch"); a != nil && !takesBatch(f) {
			c.addDiag(diag.New(diag.Contradiction, a.Pos, a.Text, "a handler of one event").WithHint("take a slice: %s(ctx context.Context, es []*E) error", f.Name))
		}
	}
	if a := o.Directive.Arg("batch"); a != nil && !used {
		c.addDiag(diag.New(diag.Contradiction, a.Pos, a.Text, "handlers of one event").WithHint("batch= is for a handler that takes a slice of events: leave it out, or write one"))
	}
}
