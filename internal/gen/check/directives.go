package check

import (
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/spelling"
)

// belongs says what each directive stands on.
var belongs = map[string]string{
	directive.Event:  "a struct type",
	directive.Every:  "a struct type",
	directive.State:  "a struct type",
	directive.Codec:  "an exported struct type",
	directive.Organ:  "a struct type",
	directive.Handle: "a method of an organ",
	directive.GiveUp: "a method of an organ",
	directive.Check:  "a method of an event, of a state, or of a struct that one holds",
	directive.Upcast: "a function",
}

// fitsTarget says which targets a directive takes.
func fitsTarget(verb string, kind model.TargetKind) bool {
	switch verb {
	case directive.Event, directive.State, directive.Codec, directive.Every, directive.Organ:
		return kind == model.TargetStruct || kind == model.TargetGeneric
	case directive.Handle, directive.GiveUp, directive.Check:
		return kind == model.TargetMethod
	}
	return kind == model.TargetFunc
}

// checkDirectives judges every //necro: comment: each one is used or reported.
func (c *checker) checkDirectives(p *model.Package) {
	first, schedules := map[model.Pos]*model.Directive{}, map[model.Pos]*model.Directive{}
	for _, d := range p.Directives {
		if !c.checkDirective(d) {
			continue
		}
		if d.Verb == directive.Every { // beside //necro:event
			c.checkEvery(p, d, schedules)
			continue
		}
		if other := first[d.Target.Pos]; other != nil {
			c.addDiag(diag.New(diag.TwoDirectives, d.Pos, d.Target.Name, other.Verb).
				WithHint("keep one of the two").
				WithRelated(other.Pos, "the first one"))
			continue
		}
		first[d.Target.Pos] = d
		c.checkArguments(d)
	}
}

// checkDirective judges one comment without its arguments, and says whether it is in use.
func (c *checker) checkDirective(d *model.Directive) bool {
	known := belongs[d.Verb] != ""
	switch {
	case d.Near:
		c.nearMiss(d)
	case !known:
		c.unknownVerb(d)
	case d.Broken != "" && d.Verb == directive.Every:
		c.addDiag(diag.New(diag.BadSchedule, d.Pos, "its quotes do not close").WithHint("%s", everyForm))
	case d.Broken != "":
		c.addDiag(diag.New(diag.BrokenArgs, d.Pos, d.Verb, d.Broken).
			WithHint("write values without quotes; they have no spaces"))
	case d.Constraint != "":
		c.addDiag(diag.New(diag.BuildConstraint, d.Pos, d.Verb, d.Constraint).
			WithHint("generated code is built everywhere: move the declaration to a file without a constraint"))
	case d.Target.Kind == model.TargetDetached:
		c.addDiag(diag.New(diag.Detached, d.Pos, d.Verb).
			WithHint("put it right above the declaration").
			WithRelated(d.Target.Pos, "the next declaration"))
	case !fitsTarget(d.Verb, d.Target.Kind):
		c.addDiag(diag.New(diag.WrongTarget, d.Pos, d.Verb, belongs[d.Verb], d.Target.Desc).WithHint("%s", targetHint(d)))
	case d.Target.Kind == model.TargetGeneric:
		c.addDiag(diag.New(diag.GenericTarget, d.Target.Pos, d.Target.Name, d.Verb).
			WithHint("declare a type for each instance"))
	default:
		return true
	}
	return false
}

func (c *checker) nearMiss(d *model.Directive) {
	out := diag.New(diag.NearMiss, d.Pos, d.Text)
	if d.Verb == "" {
		c.addDiag(out.WithHint("%s", verbHint()))
		return
	}
	c.addDiag(out.WithHint("did you mean //necro:%s?", d.Verb))
}

func verbHint() string { return "the directives are " + strings.Join(directive.Verbs(), ", ") }

func (c *checker) unknownVerb(d *model.Directive) {
	out := diag.New(diag.UnknownVerb, d.VerbPos, d.Verb)
	letters := strings.IndexFunc(d.Verb, func(r rune) bool { return r < 'a' || r > 'z' })
	near := spelling.Nearest(d.Verb, directive.Verbs())
	switch {
	case letters > 0 && belongs[d.Verb[:letters]] != "":
		c.addDiag(out.WithHint("write //necro:%s, and what follows after a space", d.Verb[:letters]))
	case near != "":
		c.addDiag(out.WithHint("did you mean //necro:%s?", near))
	default:
		c.addDiag(out.WithHint("%s", verbHint()))
	}
}
