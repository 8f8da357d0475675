package console

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/necrostack/necrogen/internal/layout"
	"github.com/necrostack/necrogen/runtime/contract"
)

// WithTopology tells which events organs emit, so that the overview draws them, because the backend knows only the events that organs
// handle. Organs of other programs may be told as well.
func WithTopology(organs ...contract.Organ) Option {
	return func(c *console) {
		for _, o := range organs {
			c.specs = append(c.specs, o.NecroOrgan())
		}
	}
}

// timerMark stands between the name of an event and that of an organ in the name of the events of a timer.
const timerMark = "@"

// Bounds of a drawing, because a larger one cannot be read.
const (
	maxBoxes  = 120
	maxArrows = 400
)

// Sizes in a drawing.
const (
	letterWidth = 8 // of 13 pixels, in a font whose letters have one width
	maxBoxText  = 40
	boxHeight   = 30
	boxMargin   = 10
	pageMargin  = 20
)

// box is an event or an organ of a drawing.
type box struct {
	Name          string
	Organ         bool
	X, Y          int
	Text          string // the name, shortened
	TextX, TextY  int    // of the middle of the text
	Width, Height int
}

// drawing is the topology as the overview shows it.
type drawing struct {
	TooLarge      bool // to be drawn: the rest is empty
	ViewBox       string
	Width, Height int
	Boxes         []box
	Ways          []way
}

// way is how an arrow of a drawing goes.
type way struct {
	Path string // the attribute d of a path
	Back bool   // from right to left: the arrow closes a cycle
}

// readTopology returns the drawing of the events and organs that are bound, and nil where there are none.
func (c *console) readTopology(ctx context.Context) (*drawing, error) {
	b, ok := c.backend.(contract.Inspector)
	if !ok {
		return nil, nil
	}
	return ask(ctx, c.answers, "topology", stable, func(ctx context.Context) (*drawing, error) {
		bound, err := b.Bound(ctx)
		if err != nil {
			return nil, err
		}
		return c.drawTopology(bound), nil
	})
}

// boxes collects the boxes and arrows of a drawing.
type boxes struct {
	list  []box
	place map[box]int // of a box that has only a name and a kind
	edges []layout.Edge
	known map[layout.Edge]bool // those of edges
}

func (bs *boxes) findBox(name string, organ bool) int {
	key := box{Name: name, Organ: organ}
	i, ok := bs.place[key]
	if !ok {
		i = len(bs.list)
		bs.place[key], bs.list = i, append(bs.list, key)
	}
	return i
}

func (bs *boxes) connectBoxes(from, to int) {
	if edge := (layout.Edge{From: from, To: to}); !bs.known[edge] {
		bs.known[edge], bs.edges = true, append(bs.edges, edge)
	}
}

// drawTopology arranges events, the organs that are bound to them, and the events that WithTopology says these emit.
func (c *console) drawTopology(bound map[string][]string) *drawing {
	bs := &boxes{place: map[box]int{}, known: map[layout.Edge]bool{}}
	for _, name := range slices.Sorted(maps.Keys(bound)) {
		event, _, _ := strings.Cut(name, timerMark)
		for _, organ := range bound[name] {
			bs.connectBoxes(bs.findBox(event, false), bs.findBox(organ, true))
		}
	}
	for _, spec := range c.specs {
		for _, route := range spec.Routes {
			emitted := slices.Concat(route.Emits, route.Undos, route.Timers)
			if up := route.GiveUp; up != nil {
				emitted = slices.Concat(emitted, up.Emits, up.Undos, up.Timers)
			}
			for _, e := range emitted {
				bs.connectBoxes(bs.findBox(spec.Name, true), bs.findBox(e.Name, false))
			}
		}
	}
	if len(bs.list) == 0 {
		return nil
	}
	if len(bs.list) > maxBoxes || len(bs.edges) > maxArrows {
		return &drawing{TooLarge: true}
	}
	var nodes []layout.Node
	for i := range bs.list {
		b := &bs.list[i]
		b.Text = shortenName(lineOf(b.Name))
		nodes = append(nodes, layout.Node{Width: utf8.RuneCountInString(b.Text)*letterWidth + 2*boxMargin, Height: boxHeight})
	}
	placed := layout.Arrange(nodes, bs.edges)
	d := &drawing{Width: placed.Width + 2*pageMargin, Height: placed.Height + 2*pageMargin, Boxes: bs.list}
	d.ViewBox = fmt.Sprint(-pageMargin, -pageMargin, d.Width, d.Height)
	for i, p := range placed.Nodes {
		b := &d.Boxes[i]
		b.X, b.Y, b.Width, b.Height, b.TextX, b.TextY = p.X, p.Y, nodes[i].Width, nodes[i].Height, p.X+nodes[i].Width/2, p.Y+boxHeight*2/3
	}
	for _, points := range placed.Edges {
		d.Ways = append(d.Ways, wayOf(points))
	}
	return d
}

// shortenName cuts the middle out of a long name: the package at its beginning and the type at its end tell names apart.
func shortenName(name string) string {
	runes := []rune(name)
	if len(runes) <= maxBoxText {
		return name
	}
	const half = maxBoxText / 2
	return string(runes[:half-1]) + "…" + string(runes[len(runes)-half:])
}

func wayOf(points []layout.Point) way {
	var b strings.Builder
	for i, p := range points {
		fmt.Fprintf(&b, "%c%d %d", "ML"[min(i, 1)], p.X, p.Y)
	}
	return way{b.String(), points[0].X > points[len(points)-1].X}
}
