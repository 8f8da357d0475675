package check

import (
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/spelling"
)

// checkArguments judges the words of a directive.
func (c *checker) checkArguments(d *model.Directive) {
	name := directive.Name(d)
	first := map[string]*model.Arg{}
	for i := 0; i < len(d.Args); i++ {
		a := d.Args[i]
		value, more := separateValue(d, i)
		switch other := first[a.Key]; {
		case a.Quoted:
			c.addQuoted(d, a)
			// The word behind a quote may be the rest of a value that was split.
			return
		case more > 0:
			c.addSeparateValue(d, a, value)
			i += more
		case i == 0 && a == name:
			c.checkName(d, a)
			continue
		case other != nil:
			c.addDiag(diag.New(diag.RepeatedKey, a.Pos, a.Key).
				WithHint("keep one of the two").
				WithRelated(other.Pos, "first given here"))
			continue
		default:
			c.checkKey(d, a)
		}
		first[a.Key] = a
	}
}

func isKey(word string) bool {
	_, ok := directive.LookupKey(word)
	return ok
}

func (c *checker) addQuoted(d *model.Directive, a *model.Arg) {
	out := diag.New(diag.QuotedValue, a.Pos, a.Text)
	bare := strings.Trim(a.Value, "\"`'")
	if !a.HasValue || bare == "" || strings.ContainsAny(bare, "\"`'") {
		c.addDiag(out.WithHint("write values without quotes; they have no spaces"))
		return
	}
	c.addDiag(out.WithHint("write %s=%s", a.Key, bare))
}

// checkName judges the first word of a directive, when it has no "=" and is no key.
func (c *checker) checkName(d *model.Directive, a *model.Arg) {
	flag, meant := directive.MeantFlag(d.Verb, a.Text)
	switch {
	case d.Verb != directive.Event && d.Verb != directive.Organ:
		c.looseWord(d, a)
	case meant:
		c.addDiag(diag.New(diag.NameLikeFlag, a.Pos, a.Text, flag, d.Verb).WithHint("did you mean %s?", flag))
	case !directive.ValidName(a.Text):
		c.badName(a.Pos, a.Text)
	}
}

func (c *checker) badName(pos model.Pos, name string) {
	out := diag.New(diag.BadName, pos, name)
	if fixed, ok := withEquals(name); ok {
		c.addDiag(out.WithHint("did you mean %s?", fixed))
		return
	}
	c.addDiag(out.WithHint("a name begins with a letter or _, goes on with letters, digits and _ . -, and has at most 128 of them"))
}

// withEquals mends "retry:5".
func withEquals(word string) (fixed string, ok bool) {
	key, value, found := strings.Cut(word, ":")
	k, known := directive.LookupKey(key)
	if !found || !known || k.Flag {
		return "", false
	}
	return key + "=" + value, true
}

// checkKey judges a word that is not the name.
func (c *checker) checkKey(d *model.Directive, a *model.Arg) {
	k, ok := directive.LookupKey(a.Key)
	switch {
	case !ok && !a.HasValue:
		c.looseWord(d, a)
	case !ok:
		c.unknownKey(d, a)
	case !k.Fits(d.Verb):
		c.keyNotHere(d, a, k)
	case k.Flag && a.HasValue:
		c.flagValue(a)
	case !k.Flag && a.Value == "":
		c.valueMissing(d, a, k)
	default:
		c.checkValue(d, a)
	}
}

func (c *checker) flagValue(a *model.Arg) {
	out := diag.New(diag.FlagValue, a.Pos, a.Key)
	switch strings.ToLower(a.Value) {
	case "false", "no", "off", "0":
		c.addDiag(out.WithHint("leave it out"))
	default:
		c.addDiag(out.WithHint("write only %s", a.Key))
	}
}

// looseWord is a second name, or a name after a key, or one where there is none.
func (c *checker) looseWord(d *model.Directive, a *model.Arg) {
	out := diag.New(diag.NameNotFirst, a.Pos, a.Text)
	near := spelling.Nearest(a.Text, directive.KeysOf(d.Verb))
	fixed, hasColon := withEquals(a.Text)
	switch {
	case hasColon:
		out = out.WithHint("did you mean %s?", fixed)
	case near != "":
		k, _ := directive.LookupKey(near)
		out = out.WithHint("did you mean %s?", k.Form)
	case d.Verb == directive.Event || d.Verb == directive.Organ:
		out = out.WithHint("a name comes first, and there is only one")
	case d.Verb == directive.State:
		out = out.WithHint("it takes no name; its keys are %s", strings.Join(directive.KeysOf(d.Verb), ", "))
	default:
		out = out.WithHint("//necro:%s takes no name", d.Verb)
	}
	c.addDiag(out)
}

func (c *checker) unknownKey(d *model.Directive, a *model.Arg) {
	out := diag.New(diag.UnknownKey, a.Pos, d.Verb, a.Key)
	keys := directive.KeysOf(d.Verb)
	name, _, hasComma := strings.Cut(a.Key, ",")
	switch near := spelling.Nearest(a.Key, keys); {
	case hasComma && name != "":
		out = out.WithHint("words stand apart by spaces: %s", strings.ReplaceAll(a.Text, ",", " "))
	case near != "":
		out = out.WithHint("did you mean %q?", near)
	case len(keys) == 0:
		out = out.WithHint("it takes no keys")
	case strings.EqualFold(a.Key, "name") && directive.ValidName(a.Value):
		out = out.WithHint("a name stands alone: //necro:%s %s", d.Verb, a.Value)
	default:
		out = out.WithHint("its keys are %s", strings.Join(keys, ", "))
	}
	c.addDiag(out)
}

func (c *checker) keyNotHere(d *model.Directive, a *model.Arg, k directive.Key) {
	var owners []string
	for _, v := range k.Verbs {
		owners = append(owners, "//necro:"+v)
	}
	out := diag.New(diag.KeyNotHere, a.Pos, a.Key, strings.Join(owners, " and "), d.Verb)
	keys := strings.Join(directive.KeysOf(d.Verb), ", ")
	switch {
	case d.Verb == directive.Handle && k.Fits(directive.Organ):
		out = out.WithHint("set it for the whole organ; a handler has its own %s", keys)
	case keys == "":
		out = out.WithHint("//necro:%s takes no keys", d.Verb)
	default:
		out = out.WithHint("//necro:%s has %s", d.Verb, keys)
	}
	c.addDiag(out)
}

func (c *checker) valueMissing(d *model.Directive, a *model.Arg, k directive.Key) {
	if !k.Fits(d.Verb) {
		c.keyNotHere(d, a, k)
		return
	}
	c.addDiag(diag.New(diag.ValueMissing, a.Pos, a.Key).WithHint("for example %s", k.Form))
}

// checkValue judges the text after "=".
func (c *checker) checkValue(d *model.Directive, a *model.Arg) {
	if hasJoinedWords(a) {
		c.addDiag(diag.New(diag.BadValue, a.ValuePos, a.Key, a.Value, "it has a comma in it").
			WithHint("words stand apart by spaces: %s", strings.ReplaceAll(a.Text, ",", " ")))
		return
	}
	switch a.Key {
	case "alias":
		for name, pos := range directive.AliasPositions(a) {
			if !directive.ValidName(name) {
				c.addBadAlias(name, pos)
				return
			}
		}
	case "key", "output", "undo":
		// Judged with the event.
	case "version":
		c.checkVersion(a)
	case "ttl":
		c.checkTTL(a)
	default:
		c.policyValue(a)
	}
}

// hasJoinedWords says whether commas part a value from another word: "retry=5,timeout=2s".
func hasJoinedWords(a *model.Arg) bool {
	_, rest, found := strings.Cut(a.Value, ",")
	for word := range strings.SplitSeq(rest, ",") {
		key, _, _ := strings.Cut(word, "=")
		if found && isKey(key) {
			return true
		}
	}
	return false
}

func (c *checker) addBadAlias(name string, pos model.Pos) {
	if name == "" {
		c.addDiag(diag.New(diag.BadName, pos, name).WithHint("several names are written alias=A,B without spaces"))
		return
	}
	c.badName(pos, name)
}
