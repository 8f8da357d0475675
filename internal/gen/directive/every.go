package directive

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// Catchups are the words that catchup= takes.
var Catchups = []string{"last", "skip", "all"}

// Schedule reads a //necro:every comment as far as it can be read; what cannot is for the checks. Of the words in front of the
// first key, one in quotes is the expression as it stands between them; words without quotes are taken together.
func Schedule(d *model.Directive) *model.Every {
	e := &model.Every{Pos: d.Pos, ExprPos: d.VerbPos, Directive: d}
	words := ExpressionWords(d)
	if len(words) > 0 {
		e.ExprPos = words[0].Pos
	}
	var texts []string
	for _, a := range words {
		texts = append(texts, Unquoted(a.Text))
	}
	e.Expression = strings.Join(texts, " ")
	if a := d.Arg("tz"); a != nil {
		e.Zone = a.Value
	}
	if a := d.Arg("catchup"); a != nil && slices.Contains(Catchups, a.Value) {
		e.Catchup = a.Value
	}
	if a := d.Arg("jitter"); a != nil {
		if jitter, err := time.ParseDuration(a.Value); err == nil {
			e.Jitter = jitter
		}
	}
	return e
}

// ExpressionWords returns the words of a //necro:every comment in front of its first key.
func ExpressionWords(d *model.Directive) []*model.Arg {
	end := slices.IndexFunc(d.Args, func(a *model.Arg) bool {
		return a.HasValue && !strings.HasPrefix(a.Text, `"`) && !strings.HasPrefix(a.Text, "`")
	})
	if end < 0 {
		end = len(d.Args)
	}
	return d.Args[:end]
}

// Unquoted takes the quotes away that a word stands in, if it does.
func Unquoted(word string) string {
	if text, err := strconv.Unquote(word); err == nil {
		return text
	}
	return word
}
