package logs

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"unicode"

	"github.com/necrostack/necrogen/internal/redact"
)

// same are the attributes in which lines of a kind agree, besides level and message.
var same = []string{"organ", "event_type", "reason", "call"}

// maxCounts is how many bytes of a text count.
const maxCounts = 200

// kindOf returns those attributes that say of which kind a line is, and their text, with that of an
// error in general words.
func kindOf(attrs []slog.Attr) (kept []slog.Attr, text string) {
	var b strings.Builder
	for _, a := range attrs {
		switch {
		case slices.Contains(same, a.Key):
			value := redact.Cut(a.Value.Resolve().String(), maxCounts)
			kept = append(kept, slog.String(a.Key, value))
			fmt.Fprintf(&b, "%s=%q ", a.Key, value)
		case a.Key == "error" || a.Key == "err":
			fmt.Fprintf(&b, "error=%q ", textClass(a.Value.Resolve().String()))
		}
	}
	return kept, b.String()
}

// textClass is an error's text without the parts that differ from one error to the next: words with digits, and
// quoted texts. "order 17: no \"ink\"" and "order 18: no \"wax\"" are of one class.
func textClass(text string) string {
	parts := strings.Split(redact.Cut(text, maxCounts), `"`)
	for i := 1; i < len(parts); i += 2 {
		parts[i] = ""
	}
	words := strings.FieldsFunc(strings.Join(parts, `"`), unicode.IsSpace)
	for i, word := range words {
		if strings.ContainsAny(word, "0123456789") {
			words[i] = "#"
		}
	}
	return strings.Join(words, " ")
}
