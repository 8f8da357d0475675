package analyzers

import (
	"fmt"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// organstate reports organs whose handlers change fields that two of them, or two processes, would
// change at once.
var organstate = &analysis.Analyzer{
	Name:     "organstate",
	Doc:      "report organs with fields that handlers write without a lock, and organs with state that are not exclusive",
	Requires: []*analysis.Analyzer{subjects},
	Run: func(pass *analysis.Pass) (any, error) {
		s := pass.ResultOf[subjects].(*subject)
		var findings []finding
		for _, h := range s.handlers {
			if o := h.organ; o != nil && o.handlers[0] == h {
				findings = append(findings, o.findings(pass)...)
			}
		}
		s.reportAll(pass, findings)
		return nil, nil
	},
}

func (o *organ) findings(pass *analysis.Pass) (findings []finding) {
	var all []*changer
	var reads []string
	for _, h := range o.handlers {
		c := h.changes()
		all, reads = append(all, c), append(reads, c.reads...)
	}
	var lasting []change
	raced := map[string]bool{}
	for _, c := range all {
		for _, x := range c.list {
			if o.policy.Values["concurrency"].Count > 1 && !c.locked && !raced[x.field] {
				raced[x.field] = true
				findings = append(findings, o.race(pass, c.handler, x))
			}
			if x.state == certain || x.state == ifRead && slices.ContainsFunc(reads, x.overlaps) {
				lasting = append(lasting, x)
			}
		}
	}
	// What a test declares runs in one process.
	if len(lasting) > 0 && !o.policy.Values["exclusive"].On && !o.test {
		findings = append(findings, o.lasting(pass, lasting))
	}
	return findings
}

// overlaps says whether a part that is read is changed, or a part of it is.
func (c change) overlaps(read string) bool {
	return strings.HasPrefix(read, c.path) || strings.HasPrefix(c.path, read)
}

func (o *organ) race(pass *analysis.Pass, h *handler, c change) finding {
	f := finding{
		pos: c.in.Pos(),
		text: fmt.Sprintf("%s writes the field %s of %s without a lock, and concurrency=%d lets handlers run at a time",
			h.name, c.field, o.name, o.policy.Values["concurrency"].Count),
		hint: "hold a sync.Mutex of the organ, or take concurrency out",
	}
	if to, _ := assigned(pass, c.in.Pos()); to != nil {
		f.pos, f.end = to.Pos(), to.End()
	}
	return f
}

// lasting reports at the directive, where it is mended.
func (o *organ) lasting(pass *analysis.Pass, changes []change) finding {
	end := o.directive.Pos() + token.Pos(len(strings.TrimRight(o.directive.Text, " \t\r")))
	f := finding{
		pos: o.directive.Pos(), end: end,
		text: fmt.Sprintf("organ %s keeps state in memory, in %s, and is not exclusive: every process that runs it has a state of its own",
			o.name, fields(changes)),
		hint: "add exclusive, so that one process at a time runs it; or keep the state outside, and counters for metrics in sync/atomic types",
		fix: &analysis.SuggestedFix{Message: "Add exclusive", TextEdits: []analysis.TextEdit{
			{Pos: end, End: end, NewText: []byte(" exclusive")},
		}},
	}
	at := changes[0].in.Pos()
	if to, _ := assigned(pass, at); to != nil {
		at = to.Pos()
	}
	return f.also(at, "it is changed here")
}

// fields lists the fields, each once.
func fields(changes []change) string {
	var names []string
	for _, c := range changes {
		if !slices.Contains(names, c.field) {
			names = append(names, c.field)
		}
	}
	return strings.Join(names, ", ")
}
