package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/policykey"
)

// readTopology makes a topology of lines such as "app.o maxhops=3: A -> B, C". Events and organs stand in the package
// in front of the dot, "app" where there is none. "!A" is an output, "every: A" behind an organ a handler of all
// events, "giveup: A" a give-up handler.
func readTopology(lines ...string) *model.Topology {
	r := topologyReader{packages: map[string]*model.Package{}, events: map[string]*model.Event{}, organs: map[string]*model.Organ{}}
	for _, line := range lines {
		r.readLine(line)
	}
	return &r.topology
}

type topologyReader struct {
	topology model.Topology
	packages map[string]*model.Package
	events   map[string]*model.Event
	organs   map[string]*model.Organ
}

func (r *topologyReader) packageOf(name string) (p *model.Package, short string) {
	path, short, found := strings.Cut(name, ".")
	if !found {
		path, short = "app", name
	}
	if r.packages[path] == nil {
		r.packages[path] = &model.Package{Path: path, Name: path, Root: true, Closed: true}
		r.topology.Packages = append(r.topology.Packages, r.packages[path])
	}
	return r.packages[path], short
}

func (r *topologyReader) eventOf(name string) *model.Event {
	name, output := strings.CutPrefix(name, "!")
	p, short := r.packageOf(name)
	full := p.Path + "." + short
	if r.events[full] == nil {
		r.events[full] = &model.Event{Name: short, GoName: short, Path: p.Path, PkgName: p.Name, Output: output}
		p.Events = append(p.Events, r.events[full])
	}
	return r.events[full]
}

func (r *topologyReader) readLine(line string) {
	words := strings.Split(line, ": ")
	head := strings.Fields(words[0])
	p, short := r.packageOf(head[0])
	o := r.organs[head[0]]
	if o == nil {
		o = &model.Organ{Name: short, GoName: short, Path: p.Path}
		r.organs[head[0]], p.Organs = o, append(p.Organs, o)
	}
	for _, policy := range head[1:] {
		count, _ := strconv.Atoi(strings.TrimPrefix(policy, "maxhops="))
		o.Policy.Values = map[string]policykey.Value{"maxhops": {Count: count}}
	}
	from, to, _ := strings.Cut(words[len(words)-1], " -> ")
	h := &model.Handler{Event: r.eventOf(from), Func: &model.Func{}}
	h.Method = "On" + h.Event.Name
	for name := range strings.SplitSeq(to, ", ") {
		if name != "" {
			name, many := strings.CutSuffix(name, "*")
			h.Results = append(h.Results, &model.Result{Event: r.eventOf(name), Slice: many})
		}
	}
	switch {
	case slices.Contains(words, "giveup"):
		h.GiveUp = true
		o.GiveUps = append(o.GiveUps, h)
	default:
		h.Every = slices.Contains(words, "every")
		o.Handlers = append(o.Handlers, h)
	}
}

// messages writes diagnostics without their places, one behind the other.
func messages(diags []diag.Diagnostic) string {
	var all []string
	for _, d := range diags {
		all = append(all, fmt.Sprintf("%s %s", d.Code, d.Message))
	}
	return strings.Join(all, "; ")
}

func TestChains(t *testing.T) {
	for _, test := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"a chain that ends", []string{"o: A -> !B"}, ""},
		{"no handler", []string{"o: A -> B"}, "NC140 o emits B, which no organ handles"},
		{"one message for two emitters", []string{"o: A -> B", "p: A -> B"}, "NC140 o emits B, which no organ handles"},
		{"a watcher of all events handles none", []string{"o: A -> B", "log: every: B"}, "NC140 o emits B, which no organ handles"},
		{"a give-up handler handles none", []string{"o: A -> B", "o: giveup: B"}, "NC140 o emits B, which no organ handles"},
		{"a give-up handler emits", []string{"o: A", "o: giveup: A -> B"}, "NC140 o emits B, which no organ handles"},
		{"handled in another package", []string{"o: A -> B", "other.p: app.B"}, ""},
		{"another event of that name is handled", []string{"o: A -> B", "other.p: other.B"}, "NC140 o emits B, which no organ handles"},
		{"a circle of one", []string{"o: A -> A"}, "NC141 the chain runs in a circle: A → o.OnA → A"},
		{"a circle of two", []string{"o: A -> B", "p: B -> A"}, "NC141 the chain runs in a circle: A → o.OnA → B → p.OnB → A"},
		{"a bound at either organ", []string{"o: A -> B", "p maxhops=3: B -> A"}, ""},
		{"a bound beside the circle", []string{"o: A -> A", "p maxhops=3: A"}, "NC141 the chain runs in a circle: A → o.OnA → A"},
		{"a circle across packages", []string{"o: A -> other.B", "other.p: other.B -> app.A"}, "NC141 the chain runs in a circle: A → o.OnA → B → p.OnB → A"},
		{"a circle through a give-up", []string{"o: A", "o: giveup: A -> A"}, "NC141 the chain runs in a circle: A → o.OnA → A"},
		{"two circles", []string{"o: A -> A", "p: B -> B"}, "NC141 the chain runs in a circle: A → o.OnA → A; NC141 the chain runs in a circle: B → p.OnB → B"},
	} {
		c := &checker{topology: readTopology(test.lines...)}
		c.checkChains()
		if got := messages(c.diags); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// TestChainsOfPartsAreNotJudged: what is missing from the topology may be the handler or the bound, and then the mistake that
// hides it is told alone.
func TestChainsOfPartsAreNotJudged(t *testing.T) {
	const unhandled, circle = "NC140 o emits B, which no organ handles", "NC141 the chain runs in a circle: C → p.OnC → C"
	for _, test := range []struct {
		name   string
		change func(c *checker, p *model.Package)
		want   string
	}{
		{"nothing is missing", func(*checker, *model.Package) {}, unhandled + "; " + circle},
		{"a file does not parse", func(_ *checker, p *model.Package) { p.Broken = true }, ""},
		{"a file of a package that is not generated", func(_ *checker, p *model.Package) { p.Broken, p.Root = true, false }, unhandled},
		{"a package may handle it that is not loaded", func(_ *checker, p *model.Package) { p.Closed = false }, circle},
		{"the circle is in packages that are not generated", func(_ *checker, p *model.Package) { p.Root = false }, unhandled},
		{"a declaration of a test", func(_ *checker, p *model.Package) { p.Test = true }, ""},
		{"a directive that is misspelt", addsMistake(diag.UnknownVerb), ""},
		{"a key that may have been output or maxhops", addsMistake(diag.UnknownKey), ""},
		{"a value that may have been that of maxhops", addsMistake(diag.BadValue), unhandled},
		{"a check that is not one", addsMistake(diag.BadCheck), unhandled + "; " + circle},
		{"a field that cannot be encoded", addsMistake(diag.Refused), unhandled + "; " + circle},
	} {
		c := &checker{topology: readTopology("o: A -> B", "p: C -> C")}
		test.change(c, c.topology.Packages[0])
		before := len(c.diags)
		c.checkChains()
		if got := messages(c.diags[before:]); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func addsMistake(code diag.Code) func(c *checker, p *model.Package) {
	return func(c *checker, _ *model.Package) { c.addDiag(diag.Diagnostic{Code: code}) }
}

// TestCircleIsTold: the hint names each organ that may bound the circle once, and every emission is a place of it.
func TestCircleIsTold(t *testing.T) {
	c := &checker{topology: readTopology("o: A -> B", "o: B -> C", "p: C -> A")}
	c.checkChains()
	if len(c.diags) != 1 || len(c.diags[0].Related) != 3 || !strings.HasSuffix(c.diags[0].Hint, "maxhops=10 at o or p") {
		t.Errorf("got %+v", c.diags)
	}
}

func TestUnemitted(t *testing.T) {
	for _, test := range []struct {
		lines []string
		open  bool // another package may emit them
		want  string
	}{
		{[]string{"o: A -> B", "p: B"}, false, "NC145 no handler emits A, which o handles: it comes from outside"},
		{[]string{"o: A -> B", "p: B"}, true, ""},
		{[]string{"o: A -> A"}, false, ""},
		{[]string{"log: every: A"}, false, ""},
		{[]string{"log: every: A", "o: A"}, false, "NC145 no handler emits A, which o handles: it comes from outside"},
		{[]string{"o: giveup: A"}, false, ""},
	} {
		topology := readTopology(test.lines...)
		topology.Packages[0].Closed = !test.open
		if got := messages(Unemitted(topology)); got != test.want {
			t.Errorf("%q: got %q, want %q", test.lines, got, test.want)
		}
	}
}

func TestBounds(t *testing.T) {
	const deep, wide = "NC142 a chain of A can have 2 hops; at most 1 are allowed", "NC143 one A can become 10,001 events; at most 10000 are allowed"
	lines := []string{"o: A -> B, C*", "p: B -> D", "q: D"}
	for _, test := range []struct {
		depth, fanOut uint64
		want          string
	}{
		{0, 0, ""},
		{2, 10_001, ""},
		{1, 0, deep},
		{0, 10_000, wide},
		{1, 10_000, deep + "; " + wide},
	} {
		if got := messages(Bounds(readTopology(lines...), test.depth, test.fanOut)); got != test.want {
			t.Errorf("depth %d, fan-out %d: got %q, want %q", test.depth, test.fanOut, got, test.want)
		}
	}
}
