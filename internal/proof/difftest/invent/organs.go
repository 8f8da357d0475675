package invent

import (
	"fmt"
	"slices"
	"strings"
)

// organ is a set of handlers.
type organ struct {
	name    string
	methods map[string]bool
	handles map[*family]bool
	emits   bool
	emitted map[string][]string // what its handlers emit, by method
}

// declareOrgans declares organs for the events that the package can name.
func (g *gen) declareOrgans(p *pkg) {
	for range g.IntN(3) {
		o := &organ{name: g.typeName(p, g.IntN(5) > 0), methods: map[string]bool{}, handles: map[*family]bool{}, emitted: map[string][]string{}}
		body := pickOne(g, []string{
			"struct{}", "struct{ Gateway any; calls chan func() }", "struct {\n\tstate map[string][]complex128\n\tnext *%s\n}",
		})
		if p.isShadowed("any") || p.isShadowed("complex128") {
			body = "struct{}"
		}
		if strings.Contains(body, "%s") {
			body = fmt.Sprintf(body, o.name)
		}
		p.addDecl(func(*file) string {
			return "// " + o.name + " works.\n//\n" + g.writeDirective("organ", g.organArgs(o)) + "\ntype " + o.name + " " + body
		})
		p.organs = append(p.organs, o)
		for range 1 + g.IntN(4) {
			g.declareHandler(p, o)
		}
		if g.IntN(6) == 0 || len(o.handles) == 0 {
			g.interfaceHandler(p, o)
		}
	}
}

func (g *gen) organArgs(o *organ) []string {
	args := g.drawPolicy(true)
	if o.emits { // perhaps in a circle
		args = slices.DeleteFunc(args, func(a string) bool { return strings.HasPrefix(a, "maxhops") })
		args = append(args, "maxhops=7")
	}
	if g.IntN(6) == 0 {
		g.count++
		args = append(args, fmt.Sprintf("alias=old.Organ_%d_%d", g.world.index, g.count))
	}
	if !isExported(o.name) || g.IntN(4) == 0 { // the default name may meet that of another package
		g.count++
		args = append([]string{fmt.Sprintf("organ.%d-%d", g.world.index, g.count)}, args...)
	}
	return args
}

// drawPolicy draws policy keys without contradictions. A handler has only some of them.
func (g *gen) drawPolicy(whole bool) []string {
	keys := [][]string{
		{"retry=2", "retry=8", "retry=1000000"},
		{"backoff=100ms..30s", "backoff=1s..1s", "backoff=1ms..24h"},
		{"timeout=2s", "timeout=1m30s", "timeout=1ns"},
		{"onfail=dead", "onfail=drop", "onfail=halt"},
		{"maxhops=1", "maxhops=64"},
	}
	if whole {
		keys = append(keys,
			[]string{"breaker=1/1s", "breaker=5/30s"}, []string{"pack=1", "pack=64"},
			[]string{"concurrency=1", "order=strict", "order=key", "concurrency=8", "exclusive"})
	}
	g.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	var args []string
	for _, values := range keys[:g.IntN(len(keys))] {
		args = append(args, pickOne(g, values))
	}
	// A delay before the second of one attempts is a contradiction, also with the organ's delay
	// it is none.
	if !whole && !strings.Contains(strings.Join(args, " "), "backoff") && g.IntN(8) == 0 {
		args = slices.DeleteFunc(args, func(a string) bool { return strings.HasPrefix(a, "retry") })
		args = append(args, "retry=1")
	}
	return args
}
