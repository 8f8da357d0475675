package analyzers

import (
	"fmt"
	"go/token"

	"golang.org/x/tools/go/analysis"
)

// finding is one mistake.
type finding struct {
	pos, end token.Pos
	text     string // the fault, and its reason
	hint     string // how to mend it
	related  []analysis.RelatedInformation
	fix      *analysis.SuggestedFix // when it is sure
}

// addRelated adds a second place that belongs to it.
func (f finding) addRelated(pos token.Pos, format string, args ...any) finding {
	if pos.IsValid() {
		f.related = append(f.related, analysis.RelatedInformation{Pos: pos, Message: fmt.Sprintf(format, args...)})
	}
	return f
}

// reportTo tells of a finding in the form in which necrogen tells of everything:
//
//	shop/billing.go:12:2: necro/publish: Charge publishes …
//		hint: return the event
func (f finding) reportTo(pass *analysis.Pass) {
	d := analysis.Diagnostic{
		Pos: f.pos, End: f.end, Category: pass.Analyzer.Name, Related: f.related,
		Message: namespace + pass.Analyzer.Name + ": " + f.text + "\n\thint: " + f.hint,
	}
	if f.fix != nil {
		d.SuggestedFixes = []analysis.SuggestedFix{*f.fix}
	}
	pass.Report(d)
}

// reportAll reports what no comment silences, and the comments that silence nothing.
func (s *subject) reportAll(pass *analysis.Pass, findings []finding) {
	used := map[*ignore]bool{}
	for _, f := range findings {
		at, silenced := pass.Fset.Position(f.pos), false
		for _, i := range s.ignores {
			if i.coversFinding(pass.Analyzer.Name, at) {
				used[i], silenced = true, true
			}
		}
		if !silenced {
			f.reportTo(pass)
		}
	}
	for _, i := range s.ignores {
		at := token.Position{Filename: i.file, Line: i.line}
		if i.coversFinding(pass.Analyzer.Name, at) && !used[i] {
			finding{
				pos: i.comment.Pos(), end: i.comment.End(), text: "there is nothing to silence here",
				hint: "remove the name, or put the comment above the line that is reported",
			}.reportTo(pass)
		}
	}
}

// runPerHandler returns the Run of an analyzer that looks at one handler at a time.
func runPerHandler(look func(*analysis.Pass, *handler) []finding) func(*analysis.Pass) (any, error) {
	return func(pass *analysis.Pass) (any, error) {
		s := pass.ResultOf[subjects].(*subject)
		var findings []finding
		for _, h := range s.handlers {
			findings = append(findings, look(pass, h)...)
		}
		s.reportAll(pass, findings)
		return nil, nil
	}
}
