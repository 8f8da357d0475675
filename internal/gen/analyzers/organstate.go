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
				findings = append(findings, o.findChanges(pass)...)
			}
		}
		s.reportAll(pass, findings)
		return nil, nil
	},
}

func (o *organ) findChanges(pass *analysis.Pass) (findings []finding) {
	var all []*changer
	var reads []string
	for _, h := range o.handlers {
		c := h.changedFields()
		all, reads = append(all, c), append(reads, c.reads...)
	}
	var lasting []change
	raced := map[string]bool{}
	for _, c := range all {
		for _, x := range c.list {
			if o.policy.Values["concurrency"].Count > 1 && !c.locked && !raced[x.field] {
				raced[x.field] = true
				findings = append(findings, o.raceFinding(pass, c.handler, x))
			}
			if x.state == certain || x.state == ifRead && slices.ContainsFunc(reads, x.overlapsRead) {
				lasting = append(lasting, x)
			}
		}
	}
	// What a test declares runs in one process.
	if len(lasting) > 0 && !o.policy.Values["exclusive"].On && !o.test {
		findings = append(findings, o.lastingFinding(pass, lasting))
	}
	return findings
}

// overlapsRead says whether a part that is read is changed, or a part of it is.
func (c change) overlapsRead(read string) bool {
	return strings.HasPrefix(read, c.path) || strings.HasPrefix(c.path, read)
}

func (o *organ) raceFinding(pass *analysis.Pass, h *handler, c change) finding {
	f := finding{
		pos: c.in.Pos(),
		text: fmt.Sprintf("%s writes the field %s of %s without a lock, and concurrency=%d lets handlers run at a time",
			h.name, c.field, o.name, o.policy.Values["concurrency"].Count),
		hint: "hold a sync.Mutex of the organ, or take concurrency out",
	}
	if to, _ := assignedExprs(pass, c.in.Pos()); to != nil {
		f.pos, f.end = to.Pos(), to.End()
	}
	return f
}

// lastingFinding reports lasting state at the directive, because the fix goes there.
func (o *organ) lastingFinding(pass *analysis.Pass, changes []change) finding {
	end := o.directive.Pos() + token.Pos(len(strings.TrimRight(o.directive.Text, " \t\r")))
	f := finding{
		pos: o.directive.Pos(), end: end,
		text: fmt.Sprintf("organ %s keeps state in memory, in %s, and is not exclusive: every process that runs it has a state of its own",
			o.name, listFields(changes)),
		hint: "keep what belongs to the key of an event in a //necro:state; or add exclusive, so that one process at a time runs it; counters for metrics are sync/atomic types",
		fix: &analysis.SuggestedFix{Message: "Add exclusive", TextEdits: []analysis.TextEdit{
			{Pos: end, End: end, NewText: []byte(" exclusive")},
		}},
	}
	at := changes[0].in.Pos()
	if to, _ := assignedExprs(pass, at); to != nil {
		at = to.Pos()
	}
	return f.addRelated(at, "it is changed here")
}

// listFields lists the fields, each once.
func listFields(changes []change) string {
	var names []string
	for _, c := range changes {
		if !slices.Contains(names, c.field) {
			names = append(names, c.field)
		}
	}
	return strings.Join(names, ", ")
}
