package check

import (
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// separateValue finds a value that spaces part from its key, "retry 5", "retry = 5" or "alias=A, B", and
// returns it with the number of words after the key that belong to it.
func separateValue(d *model.Directive, i int) (value string, more int) {
	if a := d.Args[i]; a.Key == "alias" && strings.HasSuffix(a.Value, ",") {
		return joinList(a.Value, d.Args[i+1:])
	}
	k, ok := directive.LookupKey(d.Args[i].Key)
	if !ok || k.Flag || d.Args[i].Value != "" {
		return "", 0
	}
	equals := d.Args[i].HasValue
	for _, next := range d.Args[i+1:] {
		more++
		switch {
		case next.Quoted && (next.Key == "" || !next.HasValue):
			return strings.Trim(next.Text, "=\"`'"), more
		case next.Text == "=" && !equals:
			equals = true
			continue
		case next.Key == "" && !equals:
			return next.Value, more
		case next.HasValue || isKey(next.Text):
			return "", 0
		}
		return next.Text, more
	}
	return "", more // the "=" that is the last word
}

// joinList joins the rest of a list to what ends with a comma.
func joinList(value string, rest []*model.Arg) (joined string, more int) {
	for _, next := range rest {
		if !strings.HasSuffix(value, ",") || next.HasValue || next.Quoted || isKey(next.Text) {
			break
		}
		value += next.Text
		more++
	}
	return value, more
}

// addSeparateValue reports such a value, once.
func (c *checker) addSeparateValue(d *model.Directive, a *model.Arg, value string) {
	if k, _ := directive.LookupKey(a.Key); !k.Fits(d.Verb) {
		c.keyNotHere(d, a, k)
		return
	}
	if a.Value != "" {
		c.addDiag(diag.New(diag.BadValue, a.ValuePos, a.Key, a.Value, "a name is missing after the comma").
			WithHint("write %s=%s, without a space", a.Key, value))
		return
	}
	if value == "" {
		k, _ := directive.LookupKey(a.Key)
		c.valueMissing(d, a, k)
		return
	}
	c.addDiag(diag.New(diag.ValueMissing, a.Pos, a.Key).WithHint("write %s=%s, without a space", a.Key, value))
}
