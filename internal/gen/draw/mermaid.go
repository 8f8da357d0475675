package draw

import (
	"fmt"
	"io"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/graph"
)

// Mermaid writes a flowchart as GitHub and many others show it. A dotted arrow leads to a method
// that takes an interface. An event with a schedule has a hexagon in front of it.
//
//	flowchart LR
//		event_ORDER_PLACED(["ORDER_PLACED"]):::entry
//		subgraph organ_billing["billing<br/>retry=5<br/>state Account"]
//			organ_billing_Charge["Charge"]
//		end
//		event_ORDER_PLACED --> organ_billing_Charge
//		event_ORDER_PLACED -.-> organ_audit_Record
//		organ_billing_Charge -- many --> event_PAYMENT_TAKEN
//		classDef entry stroke-width:3px
//		classDef output stroke-dasharray:4
func (p *Picture) Mermaid(w io.Writer) error {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	for _, e := range p.Events {
		fmt.Fprintf(&b, "\t%s([%q])%s\n", e.id, e.eventTitle(), e.mermaidClass())
		if every := e.everyText(); every != "" {
			fmt.Fprintf(&b, "\tevery_%s{{%q}} --> %[1]s\n", e.id, every)
		}
	}
	for _, o := range p.Organs {
		o.writeMermaid(&b)
	}
	for _, o := range p.Organs {
		for _, m := range o.Methods {
			m.mermaidEdges(&b)
		}
	}
	b.WriteString("\tclassDef entry stroke-width:3px\n\tclassDef output stroke-dasharray:4\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (e *Event) mermaidClass() string {
	switch {
	case e.Output:
		return ":::output"
	case e.Entry:
		return ":::entry"
	}
	return ""
}

func (o *Organ) writeMermaid(b *strings.Builder) {
	fmt.Fprintf(b, "\tsubgraph %s[%q]\n", o.id, nameLines(o.Name, graph.PolicyText(o.Directive), o.stateText()))
	for _, m := range o.Methods {
		fmt.Fprintf(b, "\t\t%s[%q]\n", m.id, nameLines(m.Name, m.Policy, m.note()))
	}
	b.WriteString("\tend\n")
}

func (m *Method) mermaidEdges(b *strings.Builder) {
	arrow := "-->"
	if m.Interface {
		arrow = "-.->"
	}
	for _, e := range m.Events {
		fmt.Fprintf(b, "\t%s %s %s\n", e.id, arrow, m.id)
	}
	for _, x := range m.Emits {
		arrow := "-->"
		if label := x.label(); label != "" {
			arrow = "-- " + label + " -->"
		}
		fmt.Fprintf(b, "\t%s %s %s\n", m.id, arrow, x.Event.id)
	}
}

// nameLines writes a name above the lines that are not empty.
func nameLines(name string, lines ...string) string {
	for _, line := range lines {
		if line != "" {
			name += "<br/>" + line
		}
	}
	return name
}
