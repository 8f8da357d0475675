package rules

import "strings"

// HTML reports whether s contains a tag: <b>, </b>, <a href="x">, on one line from its name on.
func HTML(s string) bool {
	for {
		_, rest, found := strings.Cut(s, "<")
		if !found {
			return false
		}
		if name := strings.TrimPrefix(rest, "/"); name != "" && letter[name[0]] {
			line, _, _ := strings.Cut(name, "\n")
			if strings.IndexByte(line, '>') >= 0 {
				return true
			}
		}
		s = rest
	}
}

// HTMLEncoded reports whether s contains &lt, &gt, &quot, &amp, or &# with two hexadecimal digits,
// which may stand behind an x.
func HTMLEncoded(s string) bool {
	for {
		_, rest, found := strings.Cut(s, "&")
		if !found {
			return false
		}
		if isEntity(rest) {
			return true
		}
		s = rest
	}
}

func isEntity(s string) bool {
	if code, ok := strings.CutPrefix(s, "#"); ok {
		code = strings.TrimPrefix(code, "x")
		return len(code) >= 2 && hexDigit[code[0]] && hexDigit[code[1]]
	}
	return strings.HasPrefix(s, "lt") || strings.HasPrefix(s, "gt") ||
		strings.HasPrefix(s, "quot") || strings.HasPrefix(s, "amp")
}
