package check

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
	"github.com/necrostack/necrogen/internal/schedule"
	"github.com/necrostack/necrogen/internal/spelling"
)

const everyForm = `for example //necro:every "30 2 * * *" tz=Europe/Berlin, //necro:every @daily or //necro:every 90s`

// checkEvery judges a //necro:every comment on a struct type.
func (c *checker) checkEvery(p *model.Package, d *model.Directive, seen map[model.Pos]*model.Directive) {
	if other := seen[d.Target.Pos]; other != nil {
		c.addDiag(diag.New(diag.TwoDirectives, d.Pos, d.Target.Name, other.Verb).WithHint("keep one of the two").
			WithRelated(other.Pos, "the first one"))
		return
	}
	seen[d.Target.Pos] = d
	c.everyKeys(d)
	c.checkExpression(directive.Schedule(d))
	e := eventOf(p, d.Target.Name)
	switch {
	case e == nil && organOf(p, d.Target.Name) != nil:
		c.addDiag(diag.New(diag.EveryNoEvent, d.Pos, d.Target.Name, "which is an organ").
			WithHint("put it on an event that the organ handles"))
	case e == nil:
		if !slices.ContainsFunc(p.Directives, func(o *model.Directive) bool { return o != d && onType(o) && o.Target.Name == d.Target.Name }) {
			c.addDiag(diag.New(diag.EveryNoEvent, d.Pos, d.Target.Name, "which is no event").
				WithHint("mark it with //necro:event, too").WithRelated(d.Target.Pos, "%s is declared here", d.Target.Name))
		}
	case e.Struct != nil:
		c.checkTick(e)
	}
}

// everyKeys judges the words behind the expression.
func (c *checker) everyKeys(d *model.Directive) {
	first := map[string]*model.Arg{}
	for _, a := range d.Args[len(directive.ExpressionWords(d)):] {
		switch other := first[a.Key]; {
		case a.Quoted:
			c.addQuoted(d, a)
		case other != nil:
			c.addDiag(diag.New(diag.RepeatedKey, a.Pos, a.Key).WithHint("keep one of the two").WithRelated(other.Pos, "first given here"))
		default:
			c.checkKey(d, a)
		}
		first[a.Key] = a
	}
	if a := d.Arg("catchup"); a != nil && a.Value != "" && !a.Quoted && !slices.Contains(directive.Catchups, a.Value) {
		out := diag.New(diag.BadValue, a.ValuePos, a.Key, a.Value, "not skip, last or all")
		if near := spelling.Nearest(a.Value, directive.Catchups); near != "" {
			out = out.WithHint("did you mean catchup=%s?", near)
		} else {
			out = out.WithHint("skip fires nothing of what was missed, last its newest tick, all up to 1,000")
		}
		c.addDiag(out)
	}
}

// checkExpression judges what a schedule says of times.
func (c *checker) checkExpression(e *model.Every) {
	words := directive.ExpressionWords(e.Directive)
	switch {
	case len(words) == 0:
		c.addDiag(diag.New(diag.BadSchedule, e.Pos, "it says no times").WithHint("%s", everyForm))
		return
	case len(words) > 1:
		c.addDiag(diag.New(diag.BadSchedule, e.ExprPos, "its fields do not stand in quotes").
			WithHint("write //necro:every %s", strconv.Quote(strings.TrimSpace(strings.Trim(e.Expression, "\"`'")))))
		return
	}
	plan, err := schedule.Parse(e.Expression, "")
	switch {
	case errors.Is(err, schedule.ErrNeverFires):
		c.addDiag(diag.New(diag.NeverFires, e.ExprPos, e.Expression).
			WithHint("no month that it names has such a day: name a month that has one, or write 28-31 and look in the handler which day is the last"))
		return
	case err != nil:
		c.addDiag(diag.New(diag.BadSchedule, e.ExprPos, strings.ReplaceAll(err.Error(), "\n", "; ")).WithHint("%s", everyForm))
		return
	}
	c.checkZone(e)
	c.checkJitter(e, plan)
}

// checkZone judges tz=, behind an expression that is well-formed.
func (c *checker) checkZone(e *model.Every) {
	a := e.Directive.Arg("tz")
	if a == nil || a.Value == "" || a.Quoted {
		return
	}
	_, err := schedule.Parse(e.Expression, a.Value)
	switch {
	case err == nil:
	case errors.As(err, new(*schedule.ZoneError)):
		c.addDiag(diag.New(diag.UnknownZone, a.ValuePos, a.Value).
			WithHint("zones have the names of the tz database, such as Europe/Berlin, America/New_York or UTC"))
	default:
		c.addDiag(diag.New(diag.BadSchedule, a.Pos, err).WithHint("leave tz out, or write cron fields"))
	}
}

// aYear is where the checks look for ticks: the same in every run, so that a diagnostic does not depend on the day.
var aYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// checkJitter wants a jitter that never reaches the next tick.
func (c *checker) checkJitter(e *model.Every, plan *schedule.Schedule) {
	a := e.Directive.Arg("jitter")
	if a == nil || a.Value == "" || a.Quoted {
		return
	}
	jitter, err := time.ParseDuration(a.Value)
	gap := plan.ShortestGap(aYear)
	switch {
	case err != nil:
		c.addDiag(diag.New(diag.BadValue, a.ValuePos, a.Key, a.Value, "not a duration such as 2s or 100ms").WithHint("for example jitter=30s"))
	case jitter <= 0:
		c.addDiag(diag.New(diag.OutOfRange, a.ValuePos, a.Key, a.Value, "longer than 0s").WithHint("for example jitter=30s"))
	case jitter > gap:
		c.addDiag(diag.New(diag.OutOfRange, a.ValuePos, a.Key, a.Value, fmt.Sprintf("at most %s, which is the time between two ticks", gap)).
			WithHint("a tick that waits longer would be missed when the next one comes"))
	}
}

// checkTick judges the event of a schedule, whose ticks are its zero value.
func (c *checker) checkTick(e *model.Event) {
	if found := rule.OnZero(e.Struct, nil); found.Verdict == rule.Refuses {
		c.addDiag(diag.New(diag.TickInvalid, e.Every.Pos, e.Name, found.String()).
			WithHint("take the rule away, or schedule an event without fields whose handler emits this one").
			WithRelated(e.Pos, "the event"))
	}
	if newest := c.newestVersion(e.Name); newest != nil && newest.Version > e.Version {
		c.addDiag(diag.New(diag.EveryNoEvent, e.Every.Pos, e.GoName, fmt.Sprintf("an older version of %s", e.Name)).
			WithHint("ticks are of the newest version: move it to %s", newest.GoName).WithRelated(newest.Pos, "version %d", newest.Version))
	}
}

// checkTicked wants an event with a schedule handled: it is fired by the processes that handle it.
func (c *checker) checkTicked(e *graph.Event) {
	if e.Every == nil || slices.ContainsFunc(e.Handlers, (*graph.Handler).HandlesOnPurpose) {
		return
	}
	if _, err := schedule.Parse(e.Every.Expression, e.Every.Zone); err != nil {
		return // one mistake gives one message
	}
	c.addDiag(diag.New(diag.TickUnhandled, e.Every.Pos, e.Name).
		WithHint("write a handler for it").WithRelated(e.Pos, "declared here"))
}

// clockYears is for how many years the checks look at changes of clocks.
const clockYears = 5

// ClockChanges tells which schedules have ticks that a change of the clock touches. Nothing is wrong with them.
func ClockChanges(t *model.Topology) []diag.Diagnostic {
	var diags []diag.Diagnostic
	for _, p := range t.Packages {
		for _, e := range p.Events {
			if !p.Root || e.Every == nil {
				continue
			}
			plan, err := schedule.Parse(e.Every.Expression, e.Every.Zone)
			if err != nil {
				continue
			}
			for _, change := range plan.ClockChanges(aYear, clockYears) {
				diags = append(diags, clockChange(e, change))
			}
		}
	}
	return diag.Sort(diags)
}

func clockChange(e *model.Event, change schedule.ClockChange) diag.Diagnostic {
	says, fires := "does not exist", "it fires at "+change.Fires.Format("15:04")
	if change.Exists {
		says, fires = "comes twice", "it fires the first time"
	}
	return diag.New(diag.ClockChanges, e.Every.ExprPos, e.Name, change.Local, says, e.Every.Zone, fires).
		WithHint("another hour avoids it, as do tz=UTC and a duration")
}
