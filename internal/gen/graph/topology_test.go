package graph

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/policykey"
)

// readTopology reads a topology written as lines "organ: A -> B, C*", where a star stands for many; the
// organ may have "maxhops=N" or "batch" behind its name.
func readTopology(lines ...string) *Graph {
	p := &model.Package{Path: "app"}
	events := map[string]*model.Event{}
	event := func(name string) *model.Event {
		if events[name] == nil {
			events[name] = &model.Event{Name: name, Path: "app"}
			p.Events = append(p.Events, events[name])
		}
		return events[name]
	}
	organs := map[string]*model.Organ{}
	for _, line := range lines {
		head, rest, _ := strings.Cut(line, ": ")
		name, policy, _ := strings.Cut(head, " ")
		o := organs[name]
		if o == nil {
			o = &model.Organ{Name: name, Path: "app"}
			organs[name], p.Organs = o, append(p.Organs, o)
		}
		if n, declared := strings.CutPrefix(policy, "maxhops="); declared {
			count, _ := strconv.Atoi(n)
			o.Policy.Values = map[string]policykey.Value{"maxhops": {Count: count}}
		}
		from, to, _ := strings.Cut(rest, " -> ")
		h := &model.Handler{Event: event(from), Batch: policy == "batch"}
		for x := range strings.SplitSeq(to, ", ") {
			if x == "" {
				continue
			}
			name, many := strings.CutSuffix(x, "*")
			h.Results = append(h.Results, &model.Result{Event: event(name), Slice: many})
		}
		o.Handlers = append(o.Handlers, h)
	}
	return New(&model.Topology{Packages: []*model.Package{p}})
}

func TestBounds(t *testing.T) {
	for _, test := range []struct {
		lines []string
		want  string
	}{
		{[]string{"o: A"}, "A 0 0"},
		{[]string{"o batch: A -> B*", "p: B -> C"}, "A 2 2"},
		{[]string{"o: A -> B", "p: B -> C"}, "A 2 2"},
		{[]string{"o: A -> B, C", "p: B -> D", "q: C -> D", "r: D -> E"}, "A 3 6"},
		{[]string{"o: A -> B*"}, "A 1 10,000"},
		{[]string{"o: A -> B, C*, D*", "p: D -> E"}, "A 2 19,999"}, // 1 and 9,999 pairs
		{[]string{"o: A -> B*", "p: B -> C*", "q: C -> D*", "r: D -> E*", "s: E -> F*"}, "A 5 endless"},
		{[]string{"o: A -> C", "p: B -> C"}, "A 1 1; B 1 1"},
		// A runs at hops 0, 2, …, 64, and B at 1, 3, …, 63: the last one that is stored is 65 hops away.
		{[]string{"o: A -> B", "p: B -> A"}, "A 65 65; B 65 65"},
		{[]string{"o maxhops=10: A -> A"}, "A 11 11"},
		{[]string{"o maxhops=3: A -> B", "p: B -> A, C"}, "A 4 6; B 5 8"},
		{[]string{"o maxhops=1000000: A -> A"}, "A endless endless"},
		{[]string{"in: X -> A", "o: A -> A"}, "X 65 65"},
	} {
		var got []string
		for _, b := range readTopology(test.lines...).Bounds() {
			got = append(got, fmt.Sprintf("%s %s %s", b.Event.Name, Number(b.Depth), Number(b.FanOut)))
		}
		if got := strings.Join(got, "; "); got != test.want {
			t.Errorf("%q: got %s, want %s", test.lines, got, test.want)
		}
	}
}

func TestUnboundedCycles(t *testing.T) {
	for _, test := range []struct {
		lines []string
		want  string
	}{
		{[]string{"o: A -> B", "p: B -> C"}, ""},
		{[]string{"o: A -> A"}, "A o A"},
		{[]string{"o maxhops=9: A -> A"}, ""},
		{[]string{"o: A -> B", "p: B -> A"}, "A o B p A"},
		{[]string{"o: A -> B", "p maxhops=9: B -> A"}, ""},
		{[]string{"o: A -> B", "p: B -> A, C", "q: C -> B"}, "A o B p A; C q B p C"},
		{[]string{"o: A -> B", "p: B -> C", "q: C -> A, B"}, "A o B p C q A"}, // A second circle, through B and C, is within the first.
		{[]string{"in: X -> B", "o: B -> C", "p: C -> B"}, "B o C p B"},
	} {
		var got []string
		for _, cycle := range readTopology(test.lines...).UnboundedCycles() {
			words := []string{cycle[0].Handler.Event.Name}
			for _, s := range cycle {
				words = append(words, s.Handler.Organ.Name, s.Emits.Name)
			}
			got = append(got, strings.Join(words, " "))
		}
		if got := strings.Join(got, "; "); got != test.want {
			t.Errorf("%q: got %s, want %s", test.lines, got, test.want)
		}
	}
}

// TestOrder: what comes out does not change with the order of what goes in.
func TestOrder(t *testing.T) {
	lines := []string{"o: A -> B, C*", "p: B -> D", "q: C -> D, E", "r: D -> B", "s: E"}
	turned := slices.Clone(lines)
	slices.Reverse(turned)
	if got, want := describe(readTopology(turned...)), describe(readTopology(lines...)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func describe(g *Graph) string {
	var b strings.Builder
	for _, e := range g.Events {
		fmt.Fprintf(&b, "%s", e.Name)
		for _, h := range e.Handlers {
			fmt.Fprintf(&b, " >%s", h.Organ.Name)
		}
		for _, h := range e.Emitters {
			fmt.Fprintf(&b, " <%s", h.Organ.Name)
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}
