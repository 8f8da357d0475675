package directive

import (
	"iter"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/spelling"
)

// maxName is the number of characters that a name may have.
const maxName = 128

// namePattern takes all that Go takes for the name of a type, since that makes the default names,
// and an alias must be able to say each of them.
var namePattern = regexp.MustCompile(`^[\p{L}_][\p{L}\p{Nd}_.-]*$`)

// ValidName says whether a word may name an event or an organ.
func ValidName(s string) bool {
	return utf8.RuneCountInString(s) <= maxName && namePattern.MatchString(s)
}

// Name returns the word that names the event or organ, or nil: it comes first, is no flag, has
// no "=" and is no key that lacks it.
func Name(d *model.Directive) *model.Arg {
	if len(d.Args) == 0 || d.Args[0].HasValue {
		return nil
	}
	if _, isKey := LookupKey(d.Args[0].Text); isKey {
		return nil
	}
	return d.Args[0]
}

// Aliases returns the former names of alias=A,B.
func Aliases(d *model.Directive) []string {
	a := d.Arg("alias")
	if a == nil || a.Value == "" {
		return nil
	}
	return strings.Split(a.Value, ",")
}

// AliasPositions goes through the former names of alias=A,B with their places.
func AliasPositions(a *model.Arg) iter.Seq2[string, model.Pos] {
	return func(yield func(string, model.Pos) bool) {
		pos := a.ValuePos
		for name := range strings.SplitSeq(a.Value, ",") {
			if !yield(name, pos) {
				return
			}
			pos.Column += len(name) + len(",")
			pos.Offset += len(name) + len(",")
		}
	}
}

// MeantFlag returns the flag of the directive that a word in the place of a name was probably meant as: one
// letter off, and in small letters like a flag. The mistake would go unnoticed: "exclusve" is a name as good as
// any.
func MeantFlag(verb, word string) (flag string, ok bool) {
	if word != strings.ToLower(word) {
		return "", false
	}
	for _, k := range keys {
		if k.Flag && k.Fits(verb) && spelling.Distance(word, k.Name) == 1 {
			return k.Name, true
		}
	}
	return "", false
}

// DefaultEventName writes a Go name in UPPER_SNAKE_CASE: OrderPlaced is ORDER_PLACED,
// HTTPServer is HTTP_SERVER, UserID is USER_ID.
func DefaultEventName(goName string) string {
	runes := []rune(goName)
	var b strings.Builder
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) && startsWord(runes, i) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

// startsWord says whether the capital at i begins a word: it follows a small letter or a
// digit, or is the last of a row of capitals before a small letter.
func startsWord(runes []rune, i int) bool {
	prev := runes[i-1]
	if prev == '_' {
		return false
	}
	if !unicode.IsUpper(prev) {
		return true
	}
	return i+1 < len(runes) && unicode.IsLower(runes[i+1])
}
