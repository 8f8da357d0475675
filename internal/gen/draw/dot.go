package draw

import (
	"fmt"
	"io"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/graph"
)

// DOT writes a graph for Graphviz: necrogen graph -format dot | dot -Tsvg.
func (p *Picture) DOT(w io.Writer) error {
	var b strings.Builder
	b.WriteString("digraph topology {\n\trankdir=LR\n\tnode [fontname=\"sans-serif\"]\n")
	for _, e := range p.Events {
		fmt.Fprintf(&b, "\t%s [label=%q, shape=box, style=%q]\n", e.id, e.eventTitle(), e.dotStyle())
		if every := e.everyText(); every != "" {
			fmt.Fprintf(&b, "\tevery_%s [label=%q, shape=hexagon]\n\tevery_%[1]s -> %[1]s\n", e.id, every)
		}
	}
	for _, o := range p.Organs {
		o.writeDot(&b)
	}
	for _, o := range p.Organs {
		for _, m := range o.Methods {
			m.dotEdges(&b)
		}
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (e *Event) dotStyle() string {
	switch {
	case e.Output:
		return "rounded,dashed"
	case e.Entry:
		return "rounded,bold"
	}
	return "rounded"
}

func (o *Organ) writeDot(b *strings.Builder) {
	fmt.Fprintf(b, "\tsubgraph cluster_%s {\n\t\tlabel=%q\n", o.id, dotLines(o.Name, graph.PolicyText(o.Directive), o.stateText()))
	for _, m := range o.Methods {
		fmt.Fprintf(b, "\t\t%s [label=%q, shape=box]\n", m.id, dotLines(m.Name, m.Policy, m.note()))
	}
	b.WriteString("\t}\n")
}

func (m *Method) dotEdges(b *strings.Builder) {
	style := ""
	if m.Interface {
		style = " [style=dotted]"
	}
	for _, e := range m.Events {
		fmt.Fprintf(b, "\t%s -> %s%s\n", e.id, m.id, style)
	}
	for _, x := range m.Emits {
		label := ""
		if words := x.label(); words != "" {
			label = ` [label="` + words + `"]`
		}
		fmt.Fprintf(b, "\t%s -> %s%s\n", m.id, x.Event.id, label)
	}
}

// dotLines writes a name above the lines that are not empty.
func dotLines(name string, lines ...string) string {
	return strings.ReplaceAll(nameLines(name, lines...), "<br/>", "\n")
}
