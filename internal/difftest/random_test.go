package difftest

import (
	"math"
	"math/rand/v2"
	"reflect"
	"time"

	necro "github.com/necrostack/necrogen/runtime"

	"github.com/necrostack/necrogen/internal/difftest/other"
	"github.com/necrostack/necrogen/internal/difftest/shapes"
)

// events are all annotated structs.
var events = []necro.Event{
	new(shapes.Scalars), new(shapes.Naming), new(shapes.Sequences), new(shapes.Pointers),
	new(shapes.Nesting), new(shapes.Nothing), new(shapes.Omitting), new(shapes.AllOmitted),
	new(shapes.Many), new(shapes.Ruled),
	new(shapes.Chosen), new(shapes.Diving), new(shapes.Entering), new(shapes.Checked),
	new(shapes.Holder), new(other.Invoice),
}

// random fills values. Everything is drawn from small pools of values at which codecs and
// rules change their mind.
type random struct {
	*rand.Rand
	depth int
	plain bool // no NaN, so that values equal themselves
}

var texts = []string{
	"", "a", "ab", "abc", "abcd", "abcde", "abcdef", "äöü", "日本語だ", "\xff\xfe", "a\x00b",
	"buy", "sell", "EUR", "USD", "Swiss francs", "two words", "one", "a,b", "x y",
	"me@example.com", "me@example", "a.b@c.d.e", "\"q\"@example.org", "Me <me@example.com>", "me@exam_ple.com", "ü@ö.de", "me@example.com.",
	"http://example.com", "example.com", "file:///", "file:///x", "mailto:x", "HTTP://x", "a:b", "http://", "://x", "x:#y",
	"123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000", "123e4567-e89b-12d3-a456-42661417400", "123e4567xe89b-12d3-a456-426614174000",
	"thirty-one characters of text!!", "thirty-two characters of text!!!",
}

var floats = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.1, 0.3, 0.5, 1.5, 3, 4, 1e3, 1e300, 5e-324,
	math.Inf(1), math.Inf(-1), math.MaxFloat32, math.MaxFloat64,
}

func (r *random) text() string {
	switch r.IntN(8) {
	case 0:
		b := make([]byte, r.IntN(300))
		for i := range b {
			b[i] = byte('a' + r.IntN(26))
		}
		return string(b)
	case 1:
		s := []byte(texts[r.IntN(len(texts))])
		if len(s) > 0 {
			s[r.IntN(len(s))] = byte(r.IntN(256))
		}
		return string(s)
	}
	return texts[r.IntN(len(texts))]
}

func (r *random) int() int64 {
	switch r.IntN(6) {
	case 0:
		return r.Int64() - r.Int64()
	case 1:
		return int64(1)<<r.IntN(64) - int64(r.IntN(3))
	case 2:
		return -(int64(1) << r.IntN(64)) + int64(r.IntN(3)) - 1
	}
	return int64(r.IntN(12)) - 4
}

func (r *random) float() float64 {
	switch r.IntN(8) {
	case 0:
		return r.NormFloat64()
	case 1:
		if !r.plain {
			return math.NaN()
		}
	}
	return floats[r.IntN(len(floats))]
}

func (r *random) time() time.Time {
	switch r.IntN(8) {
	case 0:
		return time.Time{}
	case 1:
		return time.Unix(r.Int64N(1<<33), 0)
	case 2:
		return time.Unix(r.Int64N(1<<35), r.Int64N(1e9))
	case 3:
		return time.Unix(-r.Int64N(1<<40), r.Int64N(1e9))
	case 4:
		return time.Time{}.In(time.FixedZone("x", 3600))
	case 5:
		return time.Now().Add(time.Hour)
	case 6:
		return time.Now().Add(-time.Hour)
	}
	return time.Unix(1, 0)
}

// fill sets a value and what it holds. Unexported fields stay zero.
func (r *random) fill(v reflect.Value) {
	r.depth++
	defer func() { r.depth-- }()
	switch v.Type() {
	case reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(r.time()))
		return
	case reflect.TypeFor[time.Duration]():
		v.SetInt([]int64{0, 1, 5, 1e5, 1e9, 60e9, 36e11, -1, r.int()}[r.IntN(9)])
		return
	}
	r.fillKind(v)
}

func (r *random) fillKind(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.String:
		v.SetString(r.text())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(r.int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(r.int()))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(r.float())
	case reflect.Pointer:
		if r.IntN(3) > 0 && r.depth < 12 {
			v.Set(reflect.New(v.Type().Elem()))
			r.fill(v.Elem())
		}
	case reflect.Slice:
		r.fillSlice(v)
	case reflect.Array:
		for i := range v.Len() {
			r.fill(v.Index(i))
		}
	case reflect.Map:
		r.fillMap(v)
	case reflect.Struct:
		r.fillStruct(v)
	}
}

func (r *random) length() int {
	if r.IntN(40) == 0 {
		return r.IntN(40)
	}
	return r.IntN(4)
}

func (r *random) fillSlice(v reflect.Value) {
	if r.IntN(4) == 0 {
		return
	}
	n := r.length()
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i := range n {
		r.fill(v.Index(i))
	}
}

func (r *random) fillMap(v reflect.Value) {
	if r.IntN(4) == 0 {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for range r.length() {
		key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		r.fill(key)
		r.fill(elem)
		v.SetMapIndex(key, elem)
	}
}

func (r *random) fillStruct(v reflect.Value) {
	if r.IntN(10) == 0 {
		return
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.IsExported() && r.IntN(12) > 0 || f.Anonymous {
			r.fill(v.Field(i))
		}
	}
}
