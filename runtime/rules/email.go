package rules

import (
	"net/mail"
	"regexp"
	"sync"
)

// Email reports whether s is an email address: both net/mail and the reference's pattern
// must take it. Most addresses are plain, and need neither.
func Email(s string) bool {
	if plainEmail(s) {
		return true
	}
	if _, err := mail.ParseAddress(s); err != nil {
		return false
	}
	return emailPattern().MatchString(s)
}

// plainEmail reports whether s is made of dot-separated letters, digits and a few marks, an @, and a domain of
// at least two labels, of which the last is letters only. Every address that it accepts, the full rule accepts
// too; it may refuse addresses that the full rule accepts.
func plainEmail(s string) bool {
	i, ok := plainLocal(s)
	return ok && plainDomain(s[i+1:])
}

// plainLocal returns the position of the @ after a plain local part.
func plainLocal(s string) (at int, ok bool) {
	last := byte('.')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '@':
			return i, last != '.'
		case c == '.' && last == '.' || c != '.' && !localChar[c]:
			return 0, false
		default:
			last = c
		}
	}
	return 0, false
}

func plainDomain(s string) bool {
	labels, start, letters := 0, 0, true
	for i := 0; i <= len(s); i++ {
		switch {
		case i == len(s) || s[i] == '.':
			if i == start || s[i-1] == '-' || s[start] == '-' {
				return false
			}
			if i < len(s) {
				start, letters = i+1, true
			}
			labels++
		case letter[s[i]]:
		case s[i] == '-' || s[i] >= '0' && s[i] <= '9':
			letters = false
		default:
			return false
		}
	}
	return labels > 1 && letters
}

var localChar = byteSet(lowers + uppers + digits + "!#$%&'*+-/=?^_`{|}~")

// emailPattern is the reference's expression, compiled when first needed.
var emailPattern = sync.OnceValue(func() *regexp.Regexp {
	const (
		wide   = `\x{00A0}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFEF}`
		atom   = "(?:[a-zA-Z]|\\d|[!#\\$%&'\\*\\+\\-\\/=\\?\\^_`{\\|}~]|[" + wide + "])"
		fold   = `(?:(?:\x20|\x09)*(?:\x0d\x0a))?`
		space  = `(?:\x20|\x09)+`
		quoted = `(?:(?:[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]|\x21|[\x23-\x5b]|[\x5d-\x7e]|[` + wide + `])|` +
			`(?:(?:[\x01-\x09\x0b\x0c\x0d-\x7f]|[` + wide + `])))`
		alnum = `(?:[a-zA-Z]|\d|[` + wide + `])`
		alpha = `(?:[a-zA-Z]|[` + wide + `])`
		inner = `(?:[a-zA-Z]|\d|-|\.|~|[` + wide + `])*`
	)
	local := `(?:` + atom + `+(?:\.` + atom + `+)*)`
	text := `(?:(?:\x22)(?:(?:` + fold + space + `)?` + quoted + `)*(?:` + fold + space + `)?(?:\x22))`
	label := `(?:` + alnum + `|(?:` + alnum + inner + alnum + `))\.`
	top := `(?:` + alpha + `|(?:` + alpha + inner + alpha + `))`
	return regexp.MustCompile(`^(?:` + local + `|` + text + `)@(?:` + label + `)+` + top + `\.?$`)
})
