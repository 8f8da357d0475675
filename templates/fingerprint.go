package templates

import (
	"hash"
	"hash/fnv"
	"io"
	"strconv"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// fingerprintOf hashes the wire shape of a struct: names, kinds and order of its fields. A struct
// that it holds counts by its own fingerprint, so that each struct is written once, however often
// the event holds it.
func (g *generator) fingerprintOf(t *model.Type) uint64 {
	key := typeKey(t)
	hash, known := g.prints[key]
	if !known {
		w := shapeWriter{generator: g, Hash64: fnv.New64a(), met: map[string]int{}}
		w.writeStruct(t)
		hash = w.Sum64()
		g.prints[key] = hash
	}
	return hash
}

// shapeWriter hashes one shape: "{order_id:string,legs:[]af63bd4c8601b7df,}".
type shapeWriter struct {
	*generator
	hash.Hash64
	// met numbers the types that may stand in themselves. Such a type is written where it is met
	// first, and is its number from then on.
	met map[string]int
}

func (w shapeWriter) writeText(parts ...string) {
	for _, s := range parts {
		io.WriteString(w, s) // a hash takes everything
	}
}

func (w shapeWriter) writeValue(t *model.Type) {
	if t.Kind != model.Struct && w.writeAgain(t) {
		return
	}
	switch t.Kind {
	case model.Pointer:
		w.writeText("*")
		w.writeValue(t.Elem)
	case model.Slice:
		w.writeText("[]")
		w.writeValue(t.Elem)
	case model.Array:
		w.writeText("[", strconv.FormatInt(t.Len, 10), "]")
		w.writeValue(t.Elem)
	case model.Map:
		w.writeText("map[")
		w.writeValue(t.Key)
		w.writeText("]")
		w.writeValue(t.Elem)
	case model.Struct:
		w.writeNested(t)
	case model.Any:
		w.writeText("any")
	case model.Error:
		w.writeText("error")
	default:
		w.writeText(kindName(t))
	}
}

func (w shapeWriter) writeNested(t *model.Type) {
	if w.recursive[typeKey(t)] {
		w.writeStruct(t)
		return
	}
	w.writeText(strconv.FormatUint(w.fingerprintOf(t), 16))
}

func (w shapeWriter) writeStruct(t *model.Type) {
	if w.writeAgain(t) {
		return
	}
	w.writeText("{")
	for _, f := range w.wireFields(t) {
		w.writeText(f.Wire, ":")
		w.writeValue(f.Type)
		w.writeText(",")
	}
	w.writeText("}")
}

// writeAgain writes the number of a recursive type that was met before.
func (w shapeWriter) writeAgain(t *model.Type) bool {
	key := typeKey(t)
	if !w.recursive[key] || t.Name == "" && t.Kind != model.Struct {
		return false
	}
	n, met := w.met[key]
	if met {
		w.writeText("#", strconv.Itoa(n))
		return true
	}
	w.met[key] = len(w.met)
	return false
}

// kindName names a scalar kind as it stands on the wire.
func kindName(t *model.Type) string {
	switch t.Kind {
	case model.Bytes:
		return "bytes"
	case model.Time:
		return "time"
	case model.Duration:
		return "int64"
	case model.Foreign:
		return t.Path + "." + t.Name
	}
	return basic[t.Kind].goName
}
