package operate

import (
	"encoding/json"
	"testing"
)

func TestEscape(t *testing.T) {
	for text, want := range map[string]string{
		"naïve 東京 \"x\" 'y'": "naïve 東京 \"x\" 'y'",
		"\x1b[31mred":        `\x1b[31mred`,
		"a\nb\tc\r":          "a\nb\tc\\r",
		"\u009b2J \x7f":      `\u009b2J \x7f`,
		"\u202etxt.exe":      `\u202etxt.exe`,
		"\xff\ufffd":         "\\xff\ufffd",
	} {
		if got := EscapeLines(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if got := OneLine("a\nb"); got != `a\nb` {
		t.Error(got)
	}
}

func TestEscapeJSON(t *testing.T) {
	const want = "\u009b2J \x7f \u202e \U000e0001 東京\n"
	text, err := json.MarshalIndent([]string{want}, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	escaped := EscapeJSON(text)
	var got []string
	if err := json.Unmarshal(escaped, &got); err != nil || got[0] != want {
		t.Errorf("%s became %q, %v", escaped, got, err)
	}
	if w := "[\n\t\"\\u009b2J \\u007f \\u202e \\udb40\\udc01 東京\\n\"\n]"; string(escaped) != w {
		t.Errorf("%s, want %s", escaped, w)
	}
}
