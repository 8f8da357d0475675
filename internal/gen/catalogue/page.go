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
	p.line("# %s", title)
	p.line("")
	p.line("```mermaid")
	if err := draw.All(g).Mermaid(&p.text); err != nil {
		return err
	}
	p.line("```")
	p.chains()
	p.events()
	p.structures()
	p.organs()
	_, err := w.Write(p.text.Bytes())
	return err
}

type page struct {
	graph   *graph.Graph
	text    bytes.Buffer
	structs []*model.Type  // those that events hold, in the order in which they are met
	anchors map[any]string // where the headings of events, organs and structs are found
}

func (p *page) line(format string, args ...any) { fmt.Fprintf(&p.text, format+"\n", args...) }

// chains tells what each published event can become.
func (p *page) chains() {
	p.line("\n## Chains\n")
	p.line("| begins with | longest, in hops | most events |")
	p.line("| --- | --- | --- |")
	for _, b := range p.graph.Bounds() {
		p.line("| %s | %s | %s |", p.link(b.Event), graph.Number(b.Depth), graph.Number(b.FanOut))
	}
}

func (p *page) events() {
	p.line("\n## Events")
	for _, e := range p.graph.Events {
		p.line("\n### %s\n", e.Name)
		if e.Directive != nil && e.Directive.Doc != "" {
			p.line("%s\n", e.Directive.Doc)
		}
		p.line("%s", strings.Join(p.facts(e), " · "))
		if e.Struct != nil { // else of another module
			p.fields(e.Struct)
		}
	}
}

// facts are what a line can say of an event.
func (p *page) facts(e *graph.Event) []string {
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
	return append(list, "emitted by "+p.methods(e.Emitters, "the outside"), "handled by "+p.methods(e.Handlers, "the outside"))
}

// methods lists handlers by organ and method.
func (p *page) methods(handlers []*graph.Handler, none string) string {
	var list []string
	for _, h := range handlers {
		list = append(list, fmt.Sprintf("[%s](#%s).%s", h.Organ.Name, p.anchors[h.Organ], h.Method))
	}
	slices.Sort(list)
	return cmp.Or(strings.Join(slices.Compact(list), ", "), none)
}

// structures tells the fields of the structs that events hold.
func (p *page) structures() {
	if len(p.structs) > 0 {
		p.line("\n## Structs")
	}
	for _, t := range p.structs {
		p.line("\n### %s", t.Desc)
		p.fields(t)
	}
}

func (p *page) fields(t *model.Type) {
	fields := t.WireFields()
	if len(fields) == 0 {
		return
	}
	p.line("\n| field | type | rules | |")
	p.line("| --- | --- | --- | --- |")
	for _, f := range fields {
		p.line("| `%s` | %s | %s | %s |", f.Wire, p.typed(f.Type), code(rules(f)), cell(f.Doc))
	}
}

// rules returns the words of a field's rules, as the tag has them.
func rules(f *model.Field) string {
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

func (p *page) organs() {
	p.line("\n## Organs")
	for _, o := range p.graph.Organs {
		p.line("\n### %s\n", o.Name)
		if o.Directive.Doc != "" {
			p.line("%s\n", o.Directive.Doc)
		}
		if policy := graph.PolicyText(o.Directive); policy != "" {
			p.line("Policy: %s\n", code(policy))
		}
		p.line("| method | takes | emits | policy | |")
		p.line("| --- | --- | --- | --- | --- |")
		for _, h := range o.Handlers {
			p.line("| `%s` | %s | %s | %s | %s |", h.Method, p.link(h.Event), p.emits(h),
				code(graph.PolicyText(h.Func.Directive)), cell(h.Func.Directive.Doc))
		}
	}
}

func (p *page) emits(h *graph.Handler) string {
	var list []string
	for _, x := range h.Emits {
		text := p.link(x.Event)
		if x.Many {
			text = "many " + text
		}
		if x.Delayed {
			text = "later " + text
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

func (p *page) link(e *graph.Event) string { return fmt.Sprintf("[%s](#%s)", e.Name, p.anchors[e]) }

// typed writes a type, as a link where it leads to a struct of the page.
func (p *page) typed(t *model.Type) string {
	inner := t
	for inner.Elem != nil && inner.Name == "" {
		inner = inner.Elem
	}
	if to, ok := p.anchors[inner]; ok {
		return "[" + code(t.Desc) + "](#" + to + ")"
	}
	return code(t.Desc)
}

// code writes source, also with a bar in it, which would end the cell of a table.
func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(text, "|", `\|`) + "`"
}

// cell writes a comment on one line of a table.
func cell(doc string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(doc), " "), "|", `\|`)
}
