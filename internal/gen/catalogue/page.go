package catalogue

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/draw"
	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// Write writes the page. The same topology gives the same text.
func Write(w io.Writer, title string, g *graph.Graph) error {
	p := newPage(title, g)
	p.writeLine("# %s", title)
	p.writeLine("")
	p.writeLine("```mermaid")
	if err := draw.All(g).Mermaid(&p.text); err != nil {
		return err
	}
	p.writeLine("```")
	p.writeChains()
	p.writeEvents()
	p.writeStructs()
	p.writeOrgans()
	_, err := w.Write(p.text.Bytes())
	return err
}

type page struct {
	graph   *graph.Graph
	text    bytes.Buffer
	structs []*model.Type  // those that events hold, in the order in which they are met
	anchors map[any]string // where the headings of events, organs and structs are found
}

func (p *page) writeLine(format string, args ...any) { fmt.Fprintf(&p.text, format+"\n", args...) }

// writeChains writes which events each published event can become.
func (p *page) writeChains() {
	p.writeLine("\n## Chains\n")
	p.writeLine("| begins with | longest, in hops | most events |")
	p.writeLine("| --- | --- | --- |")
	for _, b := range p.graph.Bounds() {
		p.writeLine("| %s | %s | %s |", p.linkEvent(b.Event), graph.Number(b.Depth), graph.Number(b.FanOut))
	}
}

func (p *page) writeEvents() {
	p.writeLine("\n## Events")
	for _, e := range p.graph.Events {
		p.writeLine("\n### %s\n", e.Name)
		if e.Directive != nil && e.Directive.Doc != "" {
			p.writeLine("%s\n", e.Directive.Doc)
		}
		p.writeLine("%s", strings.Join(p.eventFacts(e), " · "))
		if e.Struct != nil { // else of another module
			p.writeFields(e.Struct)
		}
	}
}

// eventFacts returns the remarks about an event that fit a line.
func (p *page) eventFacts(e *graph.Event) []string {
	list := []string{"`" + e.PkgName + "." + e.GoName + "`"}
	if e.Version > 1 {
		list = append(list, fmt.Sprintf("version %d", e.Version))
	}
	if e.Key != nil {
		list = append(list, "key `"+e.Key.Wire+"`")
	}
	if e.Output {
		list = append(list, "output")
	}
	return append(list, "emitted by "+p.listMethods(e.Emitters, "the outside"), "handled by "+p.listMethods(e.Handlers, "the outside"))
}

// listMethods lists handlers by organ and method.
func (p *page) listMethods(handlers []*graph.Handler, none string) string {
	var list []string
	for _, h := range handlers {
		list = append(list, fmt.Sprintf("[%s](#%s).%s", h.Organ.Name, p.anchors[h.Organ], h.Method))
	}
	slices.Sort(list)
	return cmp.Or(strings.Join(slices.Compact(list), ", "), none)
}

// writeStructs writes the fields of the structs that events hold.
func (p *page) writeStructs() {
	if len(p.structs) > 0 {
		p.writeLine("\n## Structs")
	}
	for _, t := range p.structs {
		p.writeLine("\n### %s", t.Desc)
		p.writeFields(t)
	}
}

func (p *page) writeFields(t *model.Type) {
	fields := t.WireFields()
	if len(fields) == 0 {
		return
	}
	p.writeLine("\n| field | type | rules | |")
	p.writeLine("| --- | --- | --- | --- |")
	for _, f := range fields {
		p.writeLine("| `%s` | %s | %s | %s |", f.Wire, p.linkType(f.Type), quoteCode(ruleWords(f)), tableCell(f.Doc))
	}
}

// ruleWords returns the words of a field's rules, as the tag has them.
func ruleWords(f *model.Field) string {
	var levels []string
	for level := f.Rules; level != nil; level = level.Dive {
		var words []string
		for _, r := range level.List {
			word := r.Name
			if r.Param != "" {
				word += "=" + r.Param
			}
			words = append(words, word)
		}
		levels = append(levels, strings.Join(words, ","))
	}
	return strings.Trim(strings.Join(levels, ",dive,"), ",")
}

func (p *page) writeOrgans() {
	p.writeLine("\n## Organs")
	for _, o := range p.graph.Organs {
		p.writeLine("\n### %s\n", o.Name)
		if o.Directive.Doc != "" {
			p.writeLine("%s\n", o.Directive.Doc)
		}
		if policy := graph.PolicyText(o.Directive); policy != "" {
			p.writeLine("Policy: %s\n", quoteCode(policy))
		}
		p.writeState(o.State())
		p.writeLine("| method | takes | emits | policy | |")
		p.writeLine("| --- | --- | --- | --- | --- |")
		for _, h := range o.Handlers {
			takes := p.linkEvent(h.Event)
			if h.GiveUp {
				takes += ", given up"
			}
			p.writeLine("| `%s` | %s | %s | %s | %s |", h.Method, takes, p.listEmissions(h),
				quoteCode(graph.PolicyText(h.Func.Directive)), tableCell(h.Func.Directive.Doc))
		}
	}
}

// writeState writes what an organ keeps for each key.
func (p *page) writeState(s *model.Event) {
	if s == nil {
		return
	}
	facts := []string{"State: `" + s.PkgName + "." + s.GoName + "`, one for each key"}
	if s.Version > 1 {
		facts = append(facts, fmt.Sprintf("version %d", s.Version))
	}
	if ttl := s.Directive.Arg("ttl"); ttl != nil {
		facts = append(facts, "kept for "+ttl.Value+" after its last write")
	}
	p.writeLine("%s", strings.Join(facts, " · "))
	if s.Directive.Doc != "" {
		p.writeLine("\n%s", s.Directive.Doc)
	}
	p.writeFields(s.Struct)
	p.writeLine("")
}

func (p *page) listEmissions(h *graph.Handler) string {
	var list []string
	for _, x := range h.Emits {
		text := p.linkEvent(x.Event)
		if x.Many {
			text = "many " + text
		}
		switch {
		case x.Timer:
			text = "timer " + text
		case x.Undo:
			text = "undo " + p.linkEvent(x.Event)
		case x.Delayed:
			text = "later " + text
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

func (p *page) linkEvent(e *graph.Event) string {
	return fmt.Sprintf("[%s](#%s)", e.Name, p.anchors[e])
}

// linkType writes a type, as a link where it leads to a struct of the page.
func (p *page) linkType(t *model.Type) string {
	inner := t
	for inner.Elem != nil && inner.Name == "" {
		inner = inner.Elem
	}
	if to, ok := p.anchors[inner]; ok {
		return "[" + quoteCode(t.Desc) + "](#" + to + ")"
	}
	return quoteCode(t.Desc)
}

// quoteCode writes source, also with a bar in it, which would end the cell of a table.
func quoteCode(text string) string {
	if text == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(text, "|", `\|`) + "`"
}

// tableCell writes a comment on one line of a table.
func tableCell(doc string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(doc), " "), "|", `\|`)
}
