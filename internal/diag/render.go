package diag

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/token"
	"io"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/shortpath"
)

// Sort orders diagnostics by place, then code and message, and leaves out repetitions:
// a file that belongs to a package and to its test unit is read twice.
func Sort(ds []Diagnostic) []Diagnostic {
	ds = slices.Clone(ds)
	slices.SortStableFunc(ds, func(a, b Diagnostic) int {
		return cmp.Or(
			comparePos(a.Pos, b.Pos),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.CompactFunc(ds, func(a, b Diagnostic) bool {
		return comparePos(a.Pos, b.Pos) == 0 && a.Code == b.Code && a.Message == b.Message
	})
}

func comparePos(a, b token.Position) int {
	return cmp.Or(
		cmp.Compare(a.Filename, b.Filename),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column),
	)
}

// Style says how Text writes. The zero value is for files, pipes and editors.
type Style struct {
	Color bool // with colours of a terminal
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
//	shop/order.go:12:24: NC120: unknown rule "requird"
//		Order.Legs[].Price
//		      |   |  float64
//		      |   Leg
//		      []Leg
//		hint: did you mean "required"?
//		shop/other.go:3:6: first declared here
//
// A style adds colours; the text without them is the same.
func Text(w io.Writer, dir string, style Style, ds []Diagnostic) error {
	var b strings.Builder
	for _, d := range Sort(ds) {
		style.text(&b, dir, d)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s Style) text(b *strings.Builder, dir string, d Diagnostic) {
	if p := place(dir, d.Pos); p != "" {
		fmt.Fprintf(b, "%s: ", s.paint(bold, p))
	}
	fmt.Fprintf(b, "%s: %s\n", s.paint(red, string(d.Code)), d.Message)
	for _, line := range drawPath(d.Path) {
		fmt.Fprintf(b, "\t%s\n", line)
	}
	if d.Hint != "" {
		fmt.Fprintf(b, "\t%s\n", s.paint(cyan, "hint: "+d.Hint))
	}
	for _, r := range d.Related {
		fmt.Fprintf(b, "\t%s: %s\n", s.paint(bold, place(dir, r.Pos)), r.Message)
	}
}

// jsonDiagnostic is the form for tools: a flat object, the same names as in the text.
type jsonDiagnostic struct {
	Code    Code          `json:"code"`
	File    string        `json:"file,omitempty"`
	Line    int           `json:"line,omitempty"`
	Column  int           `json:"column,omitempty"`
	Message string        `json:"message"`
	Hint    string        `json:"hint,omitempty"`
	Path    []jsonStep    `json:"path,omitempty"`
	Related []jsonRelated `json:"related,omitempty"`
}

type jsonStep struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"`
}

type jsonRelated struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
}

// JSON writes diagnostics as one JSON array, sorted, with paths relative to dir.
func JSON(w io.Writer, dir string, ds []Diagnostic) error {
	out := []jsonDiagnostic{}
	for _, d := range Sort(ds) {
		j := jsonDiagnostic{
			Code: d.Code, Message: d.Message, Hint: d.Hint,
			File: shortpath.Below(dir, d.Pos.Filename), Line: d.Pos.Line, Column: d.Pos.Column,
		}
		for _, step := range d.Path {
			j.Path = append(j.Path, jsonStep(step))
		}
		for _, r := range d.Related {
			j.Related = append(j.Related, jsonRelated{
				File: shortpath.Below(dir, r.Pos.Filename), Line: r.Pos.Line, Column: r.Pos.Column, Message: r.Message,
			})
		}
		out = append(out, j)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	return enc.Encode(out)
}

// place writes a position as file:line:col, and leaves out what is not known.
func place(dir string, pos token.Position) string {
	pos.Filename = shortpath.Below(dir, pos.Filename)
	if pos.Filename == "" {
		return ""
	}
	return pos.String()
}
