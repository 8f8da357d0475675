package draw

import (
	"fmt"
	"html"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/layout"
)

// Sizes in an SVG.
const (
	letterWidth = 8 // of the widest letters of most fonts at this size
	lineHeight  = 18
	boxMargin   = 10
	pageMargin  = 20
)

// svgStyle is for light pages and for dark ones.
const svgStyle = `<style>
svg{background:#fff}text{font:13px sans-serif;fill:#1b1b22}rect{fill:#f3f3f6;stroke:#777}.entry{stroke-width:2.5}.output{stroke-dasharray:5 3}.organ{fill:#dfe9f7}
path{fill:none;stroke:#777}.later{stroke-dasharray:2 3}marker path{fill:#777;stroke:none}
@media (prefers-color-scheme:dark){svg{background:#16161b}text{fill:#eaeaf0}rect{fill:#24242b;stroke:#999}.organ{fill:#1d3048}path{stroke:#999}marker path{fill:#999}}
</style>
<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>
`

// svgBox is an event or an organ.
type svgBox struct {
	lines []string
	class string
}

// svgArrow leads from a box to another one.
type svgArrow struct {
	layout.Edge
	later bool // whatever goes this way may be delayed
}

// SVG writes a picture for pages: an organ is one box, with an arrow for each event that it takes or emits.
func (p *Picture) SVG(w io.Writer) error {
	boxes, arrows := p.svgGraph()
	var nodes []layout.Node
	for _, box := range boxes {
		nodes = append(nodes, box.size())
	}
	var edges []layout.Edge
	for _, a := range arrows {
		edges = append(edges, a.Edge)
	}
	d := layout.Arrange(nodes, edges)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="%d %d %d %d" role="img">`+"\n<title>topology</title>\n%s",
		-pageMargin, -pageMargin, d.Width+2*pageMargin, d.Height+2*pageMargin, svgStyle)
	for i, way := range d.Edges {
		arrows[i].writeSVG(&b, way)
	}
	for i := range boxes {
		boxes[i].writeSVG(&b, d.Nodes[i], nodes[i])
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// svgGraph returns the boxes of events and organs, and one arrow between two of them in each direction.
func (p *Picture) svgGraph() (boxes []svgBox, arrows []svgArrow) {
	place := map[*Event]int{}
	for _, e := range p.Events {
		place[e] = len(boxes)
		box := svgBox{lines: []string{e.eventTitle()}, class: "event"}
		if every := e.everyText(); every != "" {
			box.lines = append(box.lines, every)
		}
		switch {
		case e.Output:
			box.class = "output"
		case e.Entry:
			box.class = "entry"
		}
		boxes = append(boxes, box)
	}
	drawn := map[layout.Edge]int{} // places in arrows
	add := func(from, to int, later bool) {
		edge := layout.Edge{From: from, To: to}
		if i, ok := drawn[edge]; ok {
			arrows[i].later = arrows[i].later && later
			return
		}
		drawn[edge] = len(arrows)
		arrows = append(arrows, svgArrow{edge, later})
	}
	for _, o := range p.Organs {
		organ := len(boxes)
		boxes = append(boxes, o.svgBox())
		for _, m := range o.Methods {
			for _, e := range m.Events {
				add(place[e], organ, false)
			}
			for _, x := range m.Emits {
				add(organ, place[x.Event], x.Delayed)
			}
		}
	}
	return boxes, arrows
}

func (o *Organ) svgBox() svgBox {
	box := svgBox{lines: []string{o.Name}, class: "organ"}
	for _, line := range []string{graph.PolicyText(o.Directive), o.stateText()} {
		if line != "" {
			box.lines = append(box.lines, line)
		}
	}
	return box
}

func (box *svgBox) size() layout.Node {
	width := 0
	for _, line := range box.lines {
		width = max(width, utf8.RuneCountInString(line))
	}
	return layout.Node{Width: width*letterWidth + 2*boxMargin, Height: len(box.lines)*lineHeight + boxMargin}
}

func (box *svgBox) writeSVG(b *strings.Builder, at layout.Point, size layout.Node) {
	radius := 12
	if box.class == "organ" {
		radius = 2
	}
	fmt.Fprintf(b, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="%d"/>`, box.class, at.X, at.Y, size.Width, size.Height, radius)
	for i, line := range box.lines {
		fmt.Fprintf(b, `<text x="%d" y="%d">%s</text>`, at.X+boxMargin, at.Y+boxMargin/2+i*lineHeight+13, html.EscapeString(line))
	}
	b.WriteByte('\n')
}

func (a *svgArrow) writeSVG(b *strings.Builder, way []layout.Point) {
	class := ""
	if a.later {
		class = ` class="later"`
	}
	fmt.Fprintf(b, `<path%s d="M%d %d`, class, way[0].X, way[0].Y)
	for _, p := range way[1:] {
		fmt.Fprintf(b, "L%d %d", p.X, p.Y)
	}
	b.WriteString(`" marker-end="url(#arrow)"/>` + "\n")
}
