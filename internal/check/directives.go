package check

import (
	"strings"

	"github.com/necrostack/necrogen/internal/diag"
	"github.com/necrostack/necrogen/internal/directive"
	"github.com/necrostack/necrogen/internal/spec"
)

// belongs says what each directive stands on.
var belongs = map[string]string{
	directive.Event:  "a struct type",
	directive.Organ:  "a struct type",
	directive.Handle: "a method of an organ",
	directive.Check:  "a method of an event",
	directive.Upcast: "a function",
}

// fits says which targets a directive takes.
func fits(verb string, kind spec.TargetKind) bool {
	switch verb {
	case directive.Event, directive.Organ:
		return kind == spec.TargetStruct || kind == spec.TargetGeneric
	case directive.Handle, directive.Check:
		return kind == spec.TargetMethod
	}
	return kind == spec.TargetFunc
}

// directives judges every //necro: comment: each one is used or reported.
func (c *checker) directives(p *spec.Package) {
	first := map[spec.Pos]*spec.Directive{}
	for _, d := range p.Directives {
		if !c.directive(d) {
			continue
		}
		if other := first[d.Target.Pos]; other != nil {
			c.add(diag.New(diag.TwoDirectives, d.Pos, d.Target.Name, other.Verb).
				WithHint("keep one of the two").
				WithRelated(other.Pos, "the first one"))
			continue
		}
		first[d.Target.Pos] = d
		c.args(d)
	}
}

// directive judges one comment without its arguments, and says whether it is in use.
func (c *checker) directive(d *spec.Directive) bool {
	known := belongs[d.Verb] != ""
	switch {
	case d.Near:
		c.nearMiss(d)
	case !known:
		c.unknownVerb(d)
	case d.Broken != "":
		c.add(diag.New(diag.BrokenArgs, d.Pos, d.Verb, d.Broken))
	case d.Constraint != "":
		c.add(diag.New(diag.BuildConstraint, d.Pos, d.Verb, d.Constraint).
			WithHint("generated code is built everywhere: move the declaration to a file without a constraint"))
	case d.Target.Kind == spec.TargetDetached:
		c.add(diag.New(diag.Detached, d.Pos, d.Verb).
			WithHint("put it right above the declaration").
			WithRelated(d.Target.Pos, "the next declaration"))
	case !fits(d.Verb, d.Target.Kind):
		c.add(diag.New(diag.WrongTarget, d.Pos, d.Verb, belongs[d.Verb], d.Target.Desc))
	case d.Target.Kind == spec.TargetGeneric:
		c.add(diag.New(diag.GenericTarget, d.Target.Pos, d.Target.Name, d.Verb).
			WithHint("declare a type for each instance"))
	default:
		return true
	}
	return false
}

func (c *checker) nearMiss(d *spec.Directive) {
	text := d.Text
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	out := diag.New(diag.NearMiss, d.Pos, text)
	if d.Verb == "" {
		c.add(out.WithHint("%s", verbHint()))
		return
	}
	c.add(out.WithHint("did you mean //necro:%s?", d.Verb))
}

func verbHint() string { return "the directives are " + strings.Join(directive.Verbs(), ", ") }

func (c *checker) unknownVerb(d *spec.Directive) {
	out := diag.New(diag.UnknownVerb, d.VerbPos, d.Verb)
	if near := diag.Nearest(d.Verb, directive.Verbs()); near != "" {
		c.add(out.WithHint("did you mean //necro:%s?", near))
		return
	}
	c.add(out.WithHint("%s", verbHint()))
}

// args judges the words of a directive.
func (c *checker) args(d *spec.Directive) {
	name := directive.Name(d)
	first := map[string]*spec.Arg{}
	for i, a := range d.Args {
		switch other := first[a.Key]; {
		case a.Quoted:
			c.quoted(d, a)
			// What follows a quote may be the rest of a value that was split.
			return
		case i == 0 && a == name:
			c.name(d, a)
			continue
		case other != nil:
			c.add(diag.New(diag.RepeatedKey, a.Pos, a.Key).WithRelated(other.Pos, "first given here"))
			continue
		}
		first[a.Key] = a
		c.key(d, a)
	}
}

func (c *checker) quoted(d *spec.Directive, a *spec.Arg) {
	out := diag.New(diag.QuotedValue, a.Pos, a.Text)
	bare := strings.Trim(a.Value, "\"`'")
	if !a.HasValue || bare == "" || strings.ContainsAny(bare, "\"`'") {
		c.add(out.WithHint("write values without quotes; they have no spaces"))
		return
	}
	c.add(out.WithHint("write %s=%s", a.Key, bare))
}

// name judges the first word of a directive, when it has no "=" and is no flag.
func (c *checker) name(d *spec.Directive, a *spec.Arg) {
	if k, ok := directive.LookupKey(a.Text); ok {
		c.valueMissing(d, a, k)
		return
	}
	if d.Verb != directive.Event && d.Verb != directive.Organ {
		c.add(diag.New(diag.NameNotFirst, a.Pos, a.Text).WithHint("//necro:%s takes no name", d.Verb))
		return
	}
	if !directive.ValidName(a.Text) {
		c.badName(a.Pos, a.Text)
	}
}

func (c *checker) badName(pos spec.Pos, name string) {
	c.add(diag.New(diag.BadName, pos, name).
		WithHint("a name begins with a letter, goes on with letters, digits and _ . -, and has at most 128 of them"))
}

// key judges a word that is not the name.
func (c *checker) key(d *spec.Directive, a *spec.Arg) {
	k, ok := directive.LookupKey(a.Key)
	switch {
	case !ok && !a.HasValue:
		c.looseWord(d, a)
	case !ok:
		c.unknownKey(d, a)
	case !k.Fits(d.Verb):
		c.keyNotHere(d, a, k)
	case k.Flag && a.HasValue:
		c.add(diag.New(diag.FlagValue, a.Pos, a.Key).WithHint("write only %s", a.Key))
	case !k.Flag && a.Value == "":
		c.valueMissing(d, a, k)
	default:
		c.value(d, a)
	}
}

// looseWord is a second name, or a name after a key.
func (c *checker) looseWord(d *spec.Directive, a *spec.Arg) {
	out := diag.New(diag.NameNotFirst, a.Pos, a.Text)
	keys := directive.KeysOf(d.Verb)
	switch near := diag.Nearest(a.Text, keys); {
	case near != "":
		k, _ := directive.LookupKey(near)
		c.add(out.WithHint("did you mean %s?", k.Form))
	case d.Verb == directive.Event || d.Verb == directive.Organ:
		c.add(out.WithHint("a name comes first, and there is only one"))
	default:
		c.add(out)
	}
}

func (c *checker) unknownKey(d *spec.Directive, a *spec.Arg) {
	out := diag.New(diag.UnknownKey, a.Pos, d.Verb, a.Key)
	keys := directive.KeysOf(d.Verb)
	switch near := diag.Nearest(a.Key, keys); {
	case near != "":
		c.add(out.WithHint("did you mean %q?", near))
	case len(keys) == 0:
		c.add(out.WithHint("it takes no keys"))
	default:
		c.add(out.WithHint("its keys are %s", strings.Join(keys, ", ")))
	}
}

func (c *checker) keyNotHere(d *spec.Directive, a *spec.Arg, k directive.Key) {
	var owners []string
	for _, v := range k.Verbs {
		owners = append(owners, "//necro:"+v)
	}
	out := diag.New(diag.KeyNotHere, a.Pos, a.Key, strings.Join(owners, " and "), d.Verb)
	if d.Verb == directive.Handle && k.Fits(directive.Organ) {
		out = out.WithHint("set it for the whole organ; a handler has its own %s", strings.Join(directive.KeysOf(d.Verb), ", "))
	}
	c.add(out)
}

func (c *checker) valueMissing(d *spec.Directive, a *spec.Arg, k directive.Key) {
	if !k.Fits(d.Verb) {
		c.keyNotHere(d, a, k)
		return
	}
	c.add(diag.New(diag.ValueMissing, a.Pos, a.Key).WithHint("for example %s", k.Form))
}

// value judges what stands after "=".
func (c *checker) value(d *spec.Directive, a *spec.Arg) {
	switch a.Key {
	case "alias":
		for _, name := range directive.Aliases(d) {
			if !directive.ValidName(name) {
				c.badName(a.ValuePos, name)
			}
		}
	case "key", "output":
		// Judged with the event.
	case "version":
		c.version(a)
	default:
		c.policyValue(a)
	}
}
