package diag

import (
	"encoding/json"
	"io"

	"github.com/necrostack/necrogen/internal/gen/shortpath"
)

// jsonDiagnostic is the form for tools, which stays as it is: fields may come, and none goes or
// changes its meaning. Lines and columns count from 1, columns in bytes as the go command does;
// a field that is not known is left out.
type jsonDiagnostic struct {
	Code Code   `json:"code"`           // NC012
	File string `json:"file,omitempty"` // with slashes, from the working directory, or absolute outside of it
	Line int    `json:"line,omitempty"` // of the first byte
	// Column is that of the first byte, EndColumn that behind the last one of the word, in the
	// same line. There is no EndColumn when the source can't be read.
	Column    int    `json:"column,omitempty"`
	EndColumn int    `json:"endColumn,omitempty"`
	Message   string `json:"message"`        // one sentence
	Hint      string `json:"hint,omitempty"` // how to mend it
	Info      bool   `json:"info,omitempty"` // nothing is wrong
	// Path is the way from an event to the field or element that is wrong.
	Path []jsonStep `json:"path,omitempty"`
	// Related are other places: "first declared here".
	Related []jsonRelated `json:"related,omitempty"`
}

// jsonStep is a part of the way: {"name": ".Legs", "type": "[]Leg"}.
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

// JSON writes diagnostics for tools: one array, sorted, with paths relative to dir. It is empty
// when nothing is wrong.
//
//	[
//		{
//			"code": "NC100",
//			"file": "shop/order.go",
//			"line": 12,
//			"column": 24,
//			"endColumn": 31,
//			"message": "unknown rule \"requird\"",
//			"hint": "did you mean \"required\"?"
//		}
//	]
func JSON(w io.Writer, dir string, ds []Diagnostic) error {
	out, files := []jsonDiagnostic{}, sources{}
	for _, d := range Sort(ds) {
		out = append(out, jsonForm(dir, files, d))
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	return enc.Encode(out)
}

func jsonForm(dir string, files sources, d Diagnostic) jsonDiagnostic {
	j := jsonDiagnostic{
		Code: d.Code, Message: d.Message, Hint: d.Hint, Info: d.Info(),
		File: shortpath.Below(dir, d.Pos.Filename), Line: d.Pos.Line, Column: d.Pos.Column,
	}
	if line, ok := files.lineAt(d.Pos); ok {
		j.EndColumn = d.Pos.Column + wordAt(line, d.Pos.Column-1)
	}
	for _, step := range d.Path {
		j.Path = append(j.Path, jsonStep(step))
	}
	for _, r := range d.Related {
		j.Related = append(j.Related, jsonRelated{
			File: shortpath.Below(dir, r.Pos.Filename), Line: r.Pos.Line, Column: r.Pos.Column, Message: r.Message,
		})
	}
	return j
}
