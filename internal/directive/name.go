package directive

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/necrostack/necrogen/internal/spec"
)

// maxName is the length in bytes that a name may have.
const maxName = 128

var namePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*$`)

// ValidName says whether a word may name an event or an organ.
func ValidName(s string) bool { return len(s) <= maxName && namePattern.MatchString(s) }

// Name returns the word that names the event or organ, or nil: it comes first, is no flag and
// has no "=".
func Name(d *spec.Directive) *spec.Arg {
	if len(d.Args) == 0 || d.Args[0].HasValue || IsFlag(d.Args[0].Text) {
		return nil
	}
	return d.Args[0]
}

// Aliases returns the former names of alias=A,B.
func Aliases(d *spec.Directive) []string {
	a := d.Arg("alias")
	if a == nil || a.Value == "" {
		return nil
	}
	return strings.Split(a.Value, ",")
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
