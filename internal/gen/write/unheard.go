package write

import (
	"path/filepath"
	"regexp"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// Unheard tells of handlers that take an interface, and of events that implement it which their
// stale generated files do not hand over: they were declared, perhaps in another package, after
// the file was written.
func Unheard(t *model.Topology, changes []Change) []diag.Diagnostic {
	stale := map[string][]byte{}
	for _, c := range changes {
		if c.Old != nil && c.New != nil {
			stale[c.Path] = c.Old
		}
	}
	var diags []diag.Diagnostic
	for _, p := range t.Packages {
		old := stale[filepath.Join(p.Dir, fileName(p))]
		if old == nil {
			continue
		}
		for _, o := range p.Organs {
			for _, h := range o.Handlers {
				if h.Interface && !handsOver(old, h) {
					diags = append(diags, unheardEvent(o, h))
				}
			}
		}
	}
	return diags
}

// handsOver says whether a generated file calls the handler with the event.
func handsOver(file []byte, h *model.Handler) bool {
	return regexp.MustCompile(`\bo\.` + h.Method + `\(ctx, e\.\(\*(\w+\.)?` + h.Event.GoName + `\)`).Match(file)
}

func unheardEvent(o *model.Organ, h *model.Handler) diag.Diagnostic {
	d := diag.New(diag.Unheard, h.Pos, o.Name+"."+h.Method, h.Event.Name).
		WithHint("run go generate, or necrogen, for the package of the organ as well")
	if h.Event.Pos.IsValid() {
		d = d.WithRelated(h.Event.Pos, "declared here")
	}
	return d
}
