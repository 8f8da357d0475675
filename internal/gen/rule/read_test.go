package rule

import (
	"fmt"
	"go/token"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// TestRead writes what was read: rules with the columns of their words, levels of dive
// in parentheses.
func TestRead(t *testing.T) {
	at := func(i int) model.Pos { return token.Position{Column: i} }
	for tag, want := range map[string]string{
		"required":                         "0:required",
		"required,min=2":                   "0:required 9:min=2[13:2]",
		"oneof='two words' a0x2Cb":         "0:oneof='two words' a,b[6:two words 18:a,b]",
		"len=0|email":                      "0:len=0|email{0:len=0[4:0] 6:email}",
		"contains=0x7C|eq=":                "0:contains=||eq={0:contains=|[9:|] 14:eq}",
		"dive":                             "(dive 0)",
		"min=1,dive,dive,gt=x":             "0:min=1[4:1] (dive 6 (dive 11 16:gt=x[19:x]))",
		"dive,keys,required,endkeys,max=3": "(dive 0 keys(5 10:required) 27:max=3[31:3])",
		"dive,keys,endkeys":                "(dive 0 keys(5))",
		"dive,keys,required,min=1":         "(dive 0 keys(5 open 10:required 19:min=1[23:1]))",
		"keys,required":                    "0:keys 5:required",
		"required,,min=1":                  "0:required 9: 10:min=1[14:1]",
		" min=1":                           "0: min=1[5:1]",
	} {
		if got := written(Read(tag, at)); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", tag, got, want)
		}
	}
}

func written(level *model.Rules) string {
	var parts []string
	for _, r := range level.List {
		parts = append(parts, writtenRule(r))
	}
	if d := level.Dive; d != nil {
		inside := []string{fmt.Sprintf("dive %d", d.Pos.Column)}
		if d.Keys != nil {
			keys := fmt.Sprint(d.Keys.Pos.Column)
			if d.Keys.Unclosed {
				keys += " open"
			}
			inside = append(inside, "keys("+strings.TrimSpace(keys+" "+written(d.Keys))+")")
		}
		inside = append(inside, written(d))
		parts = append(parts, "("+strings.TrimSpace(strings.Join(inside, " "))+")")
	}
	return strings.Join(parts, " ")
}

func writtenRule(r *model.Rule) string {
	s := fmt.Sprintf("%d:%s", r.Pos.Column, r.Name)
	if r.Param != "" {
		s += "=" + r.Param
	}
	if r.Words != nil {
		var words []string
		for _, w := range r.Words {
			words = append(words, fmt.Sprintf("%d:%s", w.Pos.Column, w.Text))
		}
		s += "[" + strings.Join(words, " ") + "]"
	}
	if r.Or != nil {
		var or []string
		for _, a := range r.Or {
			or = append(or, writtenRule(a))
		}
		s += "{" + strings.Join(or, " ") + "}"
	}
	return s
}
