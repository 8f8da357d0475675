package diag

import (
	"fmt"
	"go/token"
	"io"
	"strings"
	"unicode"

	"github.com/necrostack/necrogen/internal/gen/shortpath"
)

// Style says how Text writes. The zero value is for files, pipes and editors: one line for each
// message, with its position in front, and what belongs to it indented below.
type Style struct {
	Color  bool // with colours of a terminal
	Source bool // with the line of source, and the word in it
}

// The colours of a terminal.
const (
	bold  = "\x1b[1m"
	red   = "\x1b[31m"
	cyan  = "\x1b[36m"
	reset = "\x1b[0m"
)

// paint colours a piece of text, if the style wants it.
func (s Style) paint(color, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return color + text + reset
}

// Text writes diagnostics as people and editors read them, sorted, with paths relative to dir:
//
//	shop/order.go:12:24: NC100: unknown rule "requird"
//		12 | Note string `validate:"requird"`
//		   |                        ^^^^^^^
//		Order.Legs[].Price
//		      |   |  float64
//		      |   Leg
//		      []Leg
//		hint: did you mean "required"?
//		shop/other.go:3:6: first declared here
//
// The line of source is there when the style wants it, and a last line that leads to the pages.
// Colours change nothing else.
func Text(w io.Writer, dir string, style Style, ds []Diagnostic) error {
	var b strings.Builder
	files := sources{}
	sorted := Sort(ds)
	for _, d := range sorted {
		style.writeText(&b, dir, files, d)
	}
	if style.Source && len(sorted) > 0 {
		fmt.Fprintf(&b, "\nnecrogen explain %s tells more, with an example\n", sorted[0].Code)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s Style) writeText(b *strings.Builder, dir string, files sources, d Diagnostic) {
	if p := formatPlace(dir, d.Pos); p != "" {
		fmt.Fprintf(b, "%s: ", s.paint(bold, p))
	}
	fmt.Fprintf(b, "%s: %s\n", s.paint(red, string(d.Code)), printable(d.Message))
	if s.Source {
		s.writeSource(b, files, d.Pos)
	}
	for _, line := range drawPath(d.Path) {
		fmt.Fprintf(b, "\t%s\n", printable(line))
	}
	if d.Hint != "" {
		fmt.Fprintf(b, "\t%s\n", s.paint(cyan, "hint: "+printable(d.Hint)))
	}
	for _, r := range d.Related {
		fmt.Fprintf(b, "\t%s: %s\n", s.paint(bold, formatPlace(dir, r.Pos)), printable(r.Message))
	}
}

// writeSource writes the line that a position is in, and marks the word there.
func (s Style) writeSource(b *strings.Builder, files sources, pos token.Position) {
	line, ok := files.lineAt(pos)
	if !ok {
		return
	}
	shown, before, width := excerptLine(line, pos.Column-1)
	number := fmt.Sprint(pos.Line)
	fmt.Fprintf(b, "\t%s | %s\n", number, shown)
	fmt.Fprintf(b, "\t%*s | %*s%s\n", len(number), "", before, "", s.paint(red, strings.Repeat("^", width)))
}

// printable keeps a message to one line and a terminal from obeying the source's text.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// formatPlace writes a position as file:line:col, and leaves out unknown parts.
func formatPlace(dir string, pos token.Position) string {
	pos.Filename = shortpath.Below(dir, pos.Filename)
	if pos.Filename == "" {
		return ""
	}
	return printable(pos.String())
}
