package check

import (
	"errors"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/policykey"
	"github.com/necrostack/necrogen/internal/spelling"
)

// policyValue judges the value of a policy key.
func (c *checker) policyValue(a *model.Arg) {
	row := policykey.Lookup(a.Key)
	if row == nil || row.Kind == policykey.Flag {
		return
	}
	_, err := row.Parse(a.Value)
	var outOfRange *policykey.RangeError
	switch {
	case err == nil:
	case errors.As(err, &outOfRange):
		c.addDiag(diag.New(diag.OutOfRange, a.ValuePos, a.Key, a.Value, outOfRange.Must).WithHint("for example %s", row.Form))
	case errors.Is(err, policykey.ErrReversed):
		from, to, _ := strings.Cut(a.Value, "..")
		c.addDiag(diag.New(diag.BackoffReversed, a.ValuePos, a.Value).WithHint("did you mean backoff=%s..%s?", to, from))
	default:
		c.badValue(a, err)
	}
}

func (c *checker) badValue(a *model.Arg, err error) {
	out := diag.New(diag.BadValue, a.ValuePos, a.Key, a.Value, err)
	if row := policykey.Lookup(a.Key); row != nil && spelling.Nearest(a.Value, row.Words()) != "" {
		out = out.WithHint("did you mean %s=%s?", a.Key, spelling.Nearest(a.Value, row.Words()))
	} else if k, ok := directive.LookupKey(a.Key); ok {
		out = out.WithHint("for example %s", k.Form)
	}
	c.addDiag(out)
}

// checkContradictions judges the policy of an organ as a whole, with those of its handlers.
func (c *checker) checkContradictions(p *model.Package, o *model.Organ) {
	if o.Policy.Word("order") == "strict" && o.Policy.Values["concurrency"].Count > 1 {
		c.addDiag(diag.New(diag.Contradiction, o.Policy.Keys["order"], "order=strict", o.Directive.Arg("concurrency").Text).
			WithHint("order=strict runs one delivery at a time; with order=key only those with one key wait for each other").
			WithRelated(o.Policy.Keys["concurrency"], "concurrency is given here"))
	}
	c.checkLanes(o)
	c.checkBatchKeys(p, o)
	c.neverWaits(o.Directive, o.Directive)
	for _, f := range p.Funcs {
		if f.Recv != o.GoName || f.Directive.Verb != directive.Handle {
			continue
		}
		if f.Directive.Arg("retry") != nil {
			c.neverWaits(f.Directive, f.Directive)
		} else {
			c.neverWaits(f.Directive, o.Directive)
		}
	}
}

// checkLanes reports lanes of an organ that is one lane, or has no order that lanes could keep.
func (c *checker) checkLanes(o *model.Organ) {
	lanes := o.Directive.Arg("lanes")
	if o.Policy.Values["lanes"].Count < 2 {
		return
	}
	against := func(other, hint string) diag.Diagnostic {
		return diag.New(diag.Contradiction, lanes.Pos, lanes.Text, other).WithHint("%s", hint)
	}
	order := o.Policy.Word("order")
	switch {
	case o.Policy.Values["exclusive"].On:
		c.addDiag(against("exclusive", "an exclusive organ is one lane: leave one of the two out").
			WithRelated(o.Policy.Keys["exclusive"], "exclusive is given here"))
	case order == "strict":
		c.addDiag(against("order=strict", "order=strict is one lane: with order=key each key has an order of its own").
			WithRelated(o.Policy.Keys["order"], "order is given here"))
	case order == "" && o.State() == nil:
		c.addDiag(against("the lack of an order", "lanes keep the order of keys: add order=key, or leave lanes out"))
	}
}

// neverWaits reports a delay before a second attempt where there is only one.
func (c *checker) neverWaits(d, retried *model.Directive) {
	backoff, retry := d.Arg("backoff"), retried.Arg("retry")
	if backoff == nil || retry == nil || retry.Value != "1" {
		return
	}
	c.addDiag(diag.New(diag.Contradiction, backoff.Pos, backoff.Text, retry.Text).
		WithHint("one attempt in all never waits for the next: leave backoff out, or write retry=2").
		WithRelated(retry.Pos, "retry is given here"))
}
