package invent

import (
	"fmt"
	"strings"
)

// Paths of packages that handlers name.
const (
	contextPath = "context"
	necroPath   = "github.com/necrostack/necrogen/runtime"
)

// handledFamilies returns the families whose newest version the package can name.
func (p *pkg) handledFamilies() []*family {
	var list []*family
	for _, from := range p.visiblePackages() {
		for _, fam := range from.families {
			if from == p || !fam.private {
				list = append(list, fam)
			}
		}
	}
	return list
}

// declareHandler declares a handler for an event that the organ does not handle yet.
func (g *gen) declareHandler(p *pkg, o *organ) {
	fam := pickOne(g, p.handledFamilies())
	if o.handles[fam] {
		return
	}
	o.handles[fam] = true
	fam.handled = fam.handled || !p.test
	h := g.drawSignature(p, o, fam.newestVersion())
	name := g.drawMethod(o)
	o.emitted[name] = h.listEmissions()
	recv := g.drawReceiver(o)
	directive := g.writeDirective("handle", g.drawPolicy(false))
	p.addDecl(func(f *file) string {
		return fmt.Sprintf("%s\nfunc (%s) %s%s", directive, recv, name, h.writeSignature(f))
	})
}

func (g *gen) drawReceiver(o *organ) string {
	return pickOne(g, []string{"o_ *", "o_ ", "", "*", "_ *"}) + o.name
}

func (g *gen) drawMethod(o *organ) string {
	return uniqueName(pickOne(g, []string{"Charge", "handle", "On", "v", "Any", "append"}), o.methods)
}

// signature is a handler's parameters and results.
type signature struct {
	in      *typ
	pointer bool
	results []result
	emits   []*typ
	err     bool
	named   bool // parameters and results have names
}

type result struct {
	typ            *typ
	pointer, slice bool
}

func (g *gen) drawSignature(p *pkg, o *organ, in *typ) *signature {
	h := &signature{in: in, pointer: g.IntN(2) == 0, err: g.IntN(3) > 0, named: g.IntN(2) == 0}
	for range g.IntN(4) {
		h.results = append(h.results, result{typ: g.drawEmitted(p, o), pointer: g.IntN(2) == 0, slice: g.IntN(3) == 0})
	}
	for range g.IntN(6) / 4 {
		h.emits = append(h.emits, g.drawEmitted(p, o))
	}
	return h
}

// drawEmitted draws an event for the organ to emit.
func (g *gen) drawEmitted(p *pkg, o *organ) *typ {
	fam := pickOne(g, p.handledFamilies())
	fam.emitted, o.emits = true, true
	return fam.newestVersion()
}

// listEmissions are the types that the body emits, in order: results first. Results with names are
// left zero, and nil is not emitted.
func (h *signature) listEmissions() []string {
	var types []string
	for _, r := range h.results {
		n := 1
		switch {
		case h.named && (r.pointer || r.slice):
			n = 0
		case r.slice && !r.pointer:
			n = 2
		}
		for range n {
			types = append(types, r.typ.reflectName())
		}
	}
	for _, e := range h.emits {
		types = append(types, e.reflectName())
	}
	return types
}

// reflectName is the type of an event as package reflect names it.
func (t *typ) reflectName() string { return "*" + t.pkg.name + "." + t.name }

func (r result) writeResult(f *file) string {
	text := f.writeType(r.typ)
	if r.pointer {
		text = "*" + text
	}
	if r.slice {
		text = "[]" + text
	}
	return text
}

// writeSignature returns all that stands behind the method's name.
func (h *signature) writeSignature(f *file) string {
	in := f.writeType(h.in)
	if h.pointer {
		in = "*" + in
	}
	params := []string{"ctx_ " + f.qualifyName(contextPath, "context", "Context"), "in_ " + in}
	for i, e := range h.emits {
		params = append(params, fmt.Sprintf("emit%d_ %s[%s]", i, f.qualifyName(necroPath, "necro", "Emit"), f.writeType(e)))
	}
	if !h.named && len(h.emits) == 0 {
		for i := range params {
			_, params[i], _ = strings.Cut(params[i], " ")
		}
	}
	return "(" + strings.Join(params, ", ") + ")" + h.resultList(f) + " {" + h.writeBody(f) + "\n}"
}

func (h *signature) resultList(f *file) string {
	var list []string
	for i, r := range h.results {
		text := r.writeResult(f)
		if h.named {
			text = fmt.Sprintf("r%d_ %s", i, text)
		}
		list = append(list, text)
	}
	if h.err {
		list = append(list, map[bool]string{true: "err_ error", false: "error"}[h.named])
	}
	switch {
	case len(list) == 0:
		return ""
	case len(list) == 1 && !h.named:
		return " " + list[0]
	}
	return " (" + strings.Join(list, ", ") + ")"
}

// writeBody emits once with every emit, and returns values.
func (h *signature) writeBody(f *file) string {
	var b strings.Builder
	for i, e := range h.emits {
		fmt.Fprintf(&b, "\n\temit%d_(%s{})", i, f.writeType(e))
	}
	if len(h.results) == 0 && !h.err {
		return b.String()
	}
	if h.named {
		return b.String() + "\n\treturn"
	}
	var values []string
	for _, r := range h.results {
		values = append(values, r.writeValue(f))
	}
	if h.err {
		values = append(values, "nil")
	}
	return b.String() + "\n\treturn " + strings.Join(values, ", ")
}

func (r result) writeValue(f *file) string {
	t := f.writeType(r.typ)
	switch {
	case r.slice && r.pointer:
		return "[]*" + t + "{nil, {}}"
	case r.slice:
		return "[]" + t + "{{}, {}}"
	case r.pointer:
		return "&" + t + "{}"
	}
	return t + "{}"
}

// interfaceHandler declares a handler for everything that the package can name.
func (g *gen) interfaceHandler(p *pkg, o *organ) {
	if len(o.handles) == len(p.handledFamilies()) {
		return // nothing is left for it
	}
	name, recv := g.drawMethod(o), g.drawReceiver(o)
	o.emitted[name] = nil
	directive := g.writeDirective("handle", g.drawPolicy(false))
	of := pickOne(g, []string{"", "Validate() error", "AppendMsgpack([]byte) ([]byte, error)"})
	own := ""
	if of != "" && !p.isShadowed("byte") {
		own = g.typeName(p, true)
		p.addDecl(func(*file) string { return "type " + own + " interface{ " + of + " }" })
	}
	p.addDecl(func(f *file) string {
		in := own
		if in == "" {
			in = f.qualifyName(necroPath, "necro", "Event")
		}
		return fmt.Sprintf("%s\nfunc (%s) %s(ctx_ %s, e_ %s) error { return nil }", directive, recv, name,
			f.qualifyName(contextPath, "context", "Context"), in)
	})
}
