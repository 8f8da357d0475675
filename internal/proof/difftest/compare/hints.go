package compare

import (
	"strconv"
	"strings"
	"time"
)

// hint is a rule of the field that is being filled: values near its bound or from its list
// are worth more than others.
type hint struct{ rule, param string }

// splitHints splits a validate tag. Levels and alternatives don't matter here.
func splitHints(tag string) []hint {
	var list []hint
	for word := range strings.FieldsFuncSeq(tag, func(r rune) bool { return r == ',' || r == '|' }) {
		rule, param, _ := strings.Cut(word, "=")
		param = strings.NewReplacer("0x2C", ",", "0x7C", "|").Replace(param)
		list = append(list, hint{rule, param})
	}
	return list
}

// drawHint draws one of the hints, most of the time.
func (r *Random) drawHint() (hint, bool) {
	if len(r.hints) == 0 || r.IntN(4) == 0 {
		return hint{}, false
	}
	return pickOne(r, r.hints), true
}

// hintedText returns a text that the rule takes, or nearly takes.
func (r *Random) hintedText() (string, bool) {
	h, ok := r.drawHint()
	if !ok {
		return "", false
	}
	if pool := ruleTexts[h.rule]; len(pool) > 0 {
		s := pickOne(r, pool)
		if strings.HasSuffix(h.rule, "_addr") {
			return s, true // to the reference, a port may be a service that the machine knows
		}
		return r.spoilText(s), true
	}
	if n, err := strconv.Atoi(h.param); err == nil && n >= 0 && n < 100 {
		return strings.Repeat(pickOne(r, []string{"a", "ü", "7"}), max(0, n+r.IntN(3)-1)), true
	}
	if h.param == "" {
		return "", false
	}
	word := r.drawWord(h.param)
	around := pickOne(r, []string{"", "x", "é", " "})
	return pickOne(r, []string{word, word + around, around + word, around + word + "-", strings.ToUpper(word)}), true
}

// drawWord returns one of the words of oneof, or the whole parameter.
func (r *Random) drawWord(param string) string {
	if r.IntN(3) == 0 {
		return param
	}
	var words []string
	for i, part := range strings.Split(param, "'") {
		if i%2 == 1 {
			words = append(words, part)
			continue
		}
		words = append(words, strings.Fields(part)...)
	}
	if len(words) == 0 {
		return param
	}
	return pickOne(r, words)
}

// spoilText spoils a text now and then.
func (r *Random) spoilText(s string) string {
	if r.IntN(4) > 0 || s == "" {
		return s
	}
	i := r.IntN(len(s))
	switch r.IntN(4) {
	case 0:
		return s[:i] + s[i+1:]
	case 1:
		return s[:i] + pickOne(r, []string{"0", "g", "-", ".", " ", "ß", ":", "/"}) + s[i:]
	case 2:
		return strings.ToUpper(s)
	}
	return s + pickOne(r, []string{" ", "\n", "x", "="})
}

// hintedLength is near the bound of a rule.
func (r *Random) hintedLength() (int, bool) {
	h, ok := r.drawHint()
	n, err := strconv.Atoi(h.param)
	if !ok || err != nil || n < 0 || n > 20 || r.depth > 6 {
		return 0, false
	}
	return max(0, n+r.IntN(3)-1), true
}

func (r *Random) hintedInt() (int64, bool) {
	h, ok := r.drawHint()
	if !ok {
		return 0, false
	}
	word := h.param
	if strings.Contains(word, " ") {
		word = r.drawWord(word)
	}
	n, err := strconv.ParseInt(word, 0, 64)
	if err != nil {
		return 0, false
	}
	return n + int64(r.IntN(3)) - 1, true
}

func (r *Random) hintedFloat() (float64, bool) {
	h, ok := r.drawHint()
	f, err := strconv.ParseFloat(h.param, 64)
	if !ok || err != nil {
		return 0, false
	}
	return f + pickOne(r, []float64{0, 0, 0.5, -0.5, 1e-9}), true
}

func (r *Random) hintedDuration() (time.Duration, bool) {
	h, ok := r.drawHint()
	d, err := time.ParseDuration(h.param)
	if !ok || err != nil {
		return 0, false
	}
	return d + time.Duration(r.IntN(3)-1), true
}
