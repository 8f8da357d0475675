package diag

import (
	"bytes"
	"go/token"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sources are the lines of the files that were asked for.
type sources map[string][][]byte

// lineAt returns the line that a position is in. There is none for a position without a line, and
// for a file that changed meanwhile and has become shorter.
func (s sources) lineAt(pos token.Position) (line []byte, ok bool) {
	if pos.Filename == "" || pos.Line < 1 || pos.Column < 1 {
		return nil, false
	}
	lines, read := s[pos.Filename]
	if !read {
		if content, err := os.ReadFile(pos.Filename); err == nil {
			lines = bytes.Split(content, []byte("\n"))
		}
		s[pos.Filename] = lines
	}
	if pos.Line > len(lines) || pos.Column > len(lines[pos.Line-1])+1 {
		return nil, false
	}
	return bytes.TrimRight(lines[pos.Line-1], "\r"), true
}

// wordAt returns the length in bytes of what a position at a byte of a line is about: a word of
// a directive, a struct tag, a rule in one, a name or a type. It is at least 1.
func wordAt(line []byte, at int) int {
	rest := string(line[min(at, len(line)):])
	switch {
	case rest == "":
		return 1
	case strings.HasPrefix(rest, "// "):
		return len("// ") + untilAny(rest[len("// "):], " \t")
	case strings.HasPrefix(rest, "//"), bytes.Contains(line[:at], []byte("//necro:")):
		return untilAny(rest, " \t")
	case strings.HasPrefix(rest, "/*"):
		if end := strings.Index(rest, "*/"); end >= 0 {
			return end + len("*/")
		}
		return len(rest)
	case rest[0] == '`' || rest[0] == '"':
		end := strings.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return len(rest)
		}
		return end + 2
	}
	return untilAny(rest, " \t,;(){}`\"\\")
}

// untilAny returns the number of bytes before the first of some characters, and at least 1.
func untilAny(s, chars string) int {
	if end := strings.IndexAny(s, chars); end >= 0 {
		return max(end, 1)
	}
	return max(len(s), 1)
}

// maxShown is how many columns of a line of source are shown, and maxBefore how many of them
// may stand before the word that matters.
const (
	maxShown  = 100
	maxBefore = 60
)

// excerptLine returns a line without its indentation, and of a long one the part around a byte; and
// how many columns stand before that byte and how many the word there has.
func excerptLine(line []byte, at int) (shown string, before, width int) {
	word := string(line[min(at, len(line)):min(at+wordAt(line, at), len(line))])
	head := strings.TrimLeft(string(line[:min(at, len(line))]), " \t")
	tail := string(line[min(at+len(word), len(line)):])
	head, word, tail = plainText(head), plainText(word), plainText(tail)
	if countColumns(head) > maxBefore {
		head = "…" + lastColumns(head, maxBefore-1)
	}
	word = firstColumns(word, maxShown-countColumns(head))
	tail = firstColumns(tail, maxShown-countColumns(head)-countColumns(word))
	return head + word + tail, countColumns(head), max(countColumns(word), 1)
}

// plainText makes text of a line of source whose characters each have a place on a terminal.
func plainText(s string) string {
	s = strings.TrimPrefix(strings.ToValidUTF8(s, "\uFFFD"), "\uFEFF")
	return printable(s)
}

// firstColumns cuts a text that is too wide, and says so.
func firstColumns(s string, most int) string {
	if countColumns(s) <= most {
		return s
	}
	for i, r := range s {
		if most -= columnsOf(r); most < 1 {
			return s[:i] + "…"
		}
	}
	return s
}

func lastColumns(s string, most int) string {
	start := len(s)
	for start > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:start])
		if most -= columnsOf(r); most < 0 {
			break
		}
		start -= size
	}
	return s[start:]
}

// countColumns counts the places that a text takes on a terminal.
func countColumns(s string) int {
	n := 0
	for _, r := range s {
		n += columnsOf(r)
	}
	return n
}

// columnsOf is a rough rule: the scripts of East Asia are wide, and marks stand on the letter
// before them.
func columnsOf(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana):
		return 2
	}
	return 1
}
