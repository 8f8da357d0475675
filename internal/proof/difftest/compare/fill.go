package compare

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	necro "github.com/necrostack/necrogen/runtime"
)

// Random fills values. Everything is drawn from small pools of values at which codecs and
// rules change their mind.
type Random struct {
	*rand.Rand
	// Plain leaves out NaN, so that values equal themselves.
	Plain bool
	// Portable leaves out what other languages do not keep: text that is not UTF-8, the sign
	// of a zero, times before 1970.
	Portable bool

	depth int
	hints []hint // from the rules of the field that is being filled
}

// NewRandom returns a source that is set by two numbers.
func NewRandom(a, b uint64) *Random { return &Random{Rand: rand.New(rand.NewPCG(a, b))} }

// Fresh returns a new event of the same type, filled.
func (r *Random) Fresh(e necro.Event) necro.Event {
	v := reflect.New(reflect.TypeOf(e).Elem())
	r.fillValue(v.Elem())
	return v.Interface().(necro.Event)
}

// deep is where values of recursive types end.
const deep = 12

// fillValue sets a value and the values in it. Unexported fields stay zero.
func (r *Random) fillValue(v reflect.Value) {
	r.depth++
	defer func() { r.depth-- }()
	if r.fillForeign(v) {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if r.IntN(3) > 0 && r.depth < deep {
			v.Set(reflect.New(v.Type().Elem()))
			r.fillValue(v.Elem())
		}
	case reflect.Slice:
		r.fillSlice(v)
	case reflect.Array:
		for i := range v.Len() {
			r.fillValue(v.Index(i))
		}
	case reflect.Map:
		r.fillMap(v)
	case reflect.Struct:
		r.fillStruct(v)
	default:
		r.fillScalar(v)
	}
}

func (r *Random) fillScalar(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.String:
		v.SetString(r.drawText())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if v.Type() == reflect.TypeFor[time.Duration]() {
			v.SetInt(int64(r.drawDuration()))
			return
		}
		v.SetInt(r.drawInt())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(r.drawInt()))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(r.drawFloat())
	}
}

// drawLength is short, and shorter inside.
func (r *Random) drawLength() int {
	if n, ok := r.hintedLength(); ok {
		return n
	}
	if r.depth < 4 && r.IntN(40) == 0 {
		return r.IntN(40)
	}
	return r.IntN(max(1, min(4, 8-r.depth)))
}

func (r *Random) fillSlice(v reflect.Value) {
	if r.IntN(4) == 0 || r.depth >= deep {
		return
	}
	n := r.drawLength()
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i := range n {
		r.fillValue(v.Index(i))
		if i > 0 && r.IntN(8) == 0 { // for unique
			v.Index(i).Set(v.Index(i - 1))
		}
	}
}

func (r *Random) fillMap(v reflect.Value) {
	if r.IntN(4) == 0 || r.depth >= deep {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	written := map[string]bool{}
	for range r.drawLength() {
		key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		plain := r.Plain
		r.Plain = true // NaN is no key
		r.fillValue(key)
		r.Plain = plain
		r.fillValue(elem)
		// Of times in two zones, one is written like the other.
		if b, err := msgpack.Marshal(key.Interface()); err == nil && !written[string(b)] {
			written[string(b)] = true
			v.SetMapIndex(key, elem)
		}
	}
}

func (r *Random) fillStruct(v reflect.Value) {
	if r.IntN(10) == 0 {
		return
	}
	outer := r.hints
	defer func() { r.hints = outer }()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !isFillable(f, v.Field(i)) || !f.Anonymous && r.IntN(12) == 0 {
			continue
		}
		r.hints = splitHints(f.Tag.Get("validate"))
		r.fillValue(v.Field(i))
	}
	r.copyFields(v)
}

// isFillable says whether reflection can set a field: an embedded struct that is unexported has
// fields that it can.
func isFillable(f reflect.StructField, v reflect.Value) bool {
	return v.CanSet() || f.Anonymous && v.Kind() == reflect.Struct
}

// copyFields makes two fields equal, for the rules that compare them.
func (r *Random) copyFields(v reflect.Value) {
	for i := range v.NumField() {
		for _, h := range splitHints(v.Type().Field(i).Tag.Get("validate")) {
			if !strings.HasSuffix(h.rule, "field") || r.IntN(3) > 0 {
				continue
			}
			other := v.FieldByName(h.param)
			if other.IsValid() && other.Type() == v.Field(i).Type() && v.Field(i).CanSet() {
				v.Field(i).Set(other)
			}
		}
	}
}
