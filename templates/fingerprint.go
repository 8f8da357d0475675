package templates

import (
	"fmt"
	"hash/fnv"
	"io"
	"strconv"

	"github.com/necrostack/necrogen/internal/spec"
)

// fingerprint hashes the wire shape of a struct: names, kinds and order of its fields.
func (g *generator) fingerprint(t *spec.Type) uint64 {
	h := fnv.New64a()
	g.writeShape(h, t, map[string]bool{})
	return h.Sum64()
}

// writeShape writes a type's shape: "{order_id:string,legs:[]{…}}". A struct inside itself
// is written as "…".
func (g *generator) writeShape(w io.Writer, t *spec.Type, open map[string]bool) {
	if key := typeKey(t); g.holdsItself(t) {
		if open[key] {
			fmt.Fprint(w, "…")
			return
		}
		open[key] = true
		defer delete(open, key)
	}
	switch t.Kind {
	case spec.Pointer:
		fmt.Fprint(w, "*")
		g.writeShape(w, t.Elem, open)
	case spec.Slice:
		fmt.Fprint(w, "[]")
		g.writeShape(w, t.Elem, open)
	case spec.Array:
		fmt.Fprint(w, "["+strconv.FormatInt(t.Len, 10)+"]")
		g.writeShape(w, t.Elem, open)
	case spec.Map:
		fmt.Fprint(w, "map[")
		g.writeShape(w, t.Key, open)
		fmt.Fprint(w, "]")
		g.writeShape(w, t.Elem, open)
	case spec.Struct:
		g.writeStruct(w, t, open)
	case spec.Any:
		fmt.Fprint(w, "any")
	case spec.Error:
		fmt.Fprint(w, "error")
	default:
		fmt.Fprint(w, kindName(t))
	}
}

func (g *generator) writeStruct(w io.Writer, t *spec.Type, open map[string]bool) {
	key := typeKey(t)
	if open[key] {
		fmt.Fprint(w, "{…}")
		return
	}
	open[key] = true
	fmt.Fprint(w, "{")
	for _, f := range g.flatten(t) {
		fmt.Fprint(w, f.Wire, ":")
		g.writeShape(w, f.Type, open)
		fmt.Fprint(w, ",")
	}
	fmt.Fprint(w, "}")
	delete(open, key)
}

// kindName names a scalar kind as it stands on the wire.
func kindName(t *spec.Type) string {
	switch t.Kind {
	case spec.Bytes:
		return "bytes"
	case spec.Time:
		return "time"
	case spec.Duration:
		return "int64"
	case spec.Foreign:
		return t.Path + "." + t.Name
	}
	return basic[t.Kind].goName
}
