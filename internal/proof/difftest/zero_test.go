package difftest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/go-playground/validator/v10"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// zeroSamples are values of the types whose zero the reference is asked about.
var zeroSamples = []any{
	"", 0, int8(0), uint(0), uint16(0), 0.0, float32(0), false, []byte(nil), []string(nil), [0]int{}, [1]int{}, [3]string{},
	map[string]int(nil), time.Time{}, time.Duration(0), new(int), new(string), new(time.Time), new([]string), new(wanting),
	wanting{}, content{}, [1]wanting{}, [2]*wanting{}, []wanting(nil), struct{ In wanting }{},
	struct {
		In wanting `validate:"-"`
	}{},
	struct {
		In  wanting `validate:"structonly"`
		Out *wanting
	}{},
}

type wanting struct {
	A string `validate:"required"`
}

type content struct {
	A string `validate:"max=3"`
	B *int
}

// zeroParams are parameters for the rules that judge a value by itself.
var zeroParams = map[rule.Param][]string{
	rule.None: {""}, rule.Elem: {""}, rule.Size: {"0", "1", "3", "-1", "1h", "0s", "0.5", ""}, rule.Value: {"0", "1", "3", "", "x", "true", "false"},
	rule.Literal: {"a"}, rule.Char: {"a"}, rule.Words: {"0 1", "a b", "'' a", "1"}, rule.Layout: {"2006-01-02"},
}

// zeroTags are tags that a rule stands in.
var zeroTags = []string{"%s", "omitempty,%s", "%s,omitempty", "omitnil,%s", "omitzero,%s", "%s|isdefault", "required|%s", "required,%s", "%s,dive,required", "dive,%s", "dive,dive,%s"}

// TestOnZero: what the table says of a missing value, and of one that is there but empty, is what the
// reference says of both.
func TestOnZero(t *testing.T) {
	verdicts := map[rule.Verdict]int{}
	for _, entry := range rule.All() {
		v := validator.New() // the more it knows, the slower it learns
		for _, param := range zeroParams[entry.Param] {
			one := entry.Name
			if entry.Param != rule.None && (param != "" || entry.Param == rule.Value) {
				one += "=" + param
			}
			for _, tag := range zeroTags {
				tag = fmt.Sprintf(tag, one)
				rules := rule.Read(tag, rule.Nowhere)
				for _, sample := range zeroSamples {
					typ := reflect.TypeOf(sample)
					judgeZero(t, v, tag, reflect.Zero(typ), rule.OnZero(described(typ), rules), verdicts)
					if empty, can := emptied(typ); can {
						judgeZero(t, v, tag, empty, rule.OnEmpty(described(typ), rules), verdicts)
					}
				}
			}
		}
	}
	t.Logf("%d values are taken, %d refused, %d depend", verdicts[rule.Takes], verdicts[rule.Refuses], verdicts[rule.Depends])
	if verdicts[rule.Takes] == 0 || verdicts[rule.Refuses] == 0 {
		t.Error("one verdict never came")
	}
}

// emptied makes a value that is there, but holds nothing.
func emptied(typ reflect.Type) (empty reflect.Value, can bool) {
	switch typ.Kind() {
	case reflect.Slice:
		return reflect.MakeSlice(typ, 0, 0), true
	case reflect.Map:
		return reflect.MakeMap(typ), true
	case reflect.Pointer:
		return reflect.New(typ.Elem()), typ.Elem().Kind() != reflect.Slice && typ.Elem().Kind() != reflect.Struct
	}
	return empty, false
}

// judgeZero asks the reference, too, unless it cannot read the tag on the type.
func judgeZero(t *testing.T, v *validator.Validate, tag string, value reflect.Value, got rule.Judgement, verdicts map[rule.Verdict]int) {
	t.Helper()
	want, ok := referenceRefuses(v, value, tag)
	if !ok {
		return
	}
	verdicts[got.Verdict]++
	switch {
	case got.Verdict == rule.Takes && want:
		t.Errorf("%s on %#v: taken, and the reference refuses it", tag, value)
	case got.Verdict == rule.Refuses && !want:
		t.Errorf("%s on %#v: %s refuses it, and the reference takes it", tag, value, got)
	}
}

// referenceRefuses asks the reference, which panics for tags that do not fit. Of the rules on a struct it asks
// none but in a field.
func referenceRefuses(v *validator.Validate, value reflect.Value, tag string) (refused, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	if value.Kind() != reflect.Struct {
		return v.Var(value.Interface(), tag) != nil, true
	}
	field := reflect.StructField{Name: "F", Type: value.Type(), Tag: reflect.StructTag(fmt.Sprintf("validate:%q", tag))}
	return v.Struct(reflect.New(reflect.StructOf([]reflect.StructField{field})).Interface()) != nil, true
}

// described is a type as the loader describes it.
func described(typ reflect.Type) *model.Type {
	t := &model.Type{Name: typ.Name(), Kind: zeroKinds[typ.Kind()]}
	switch {
	case typ == reflect.TypeFor[time.Time]():
		t.Kind, t.TimeLike = model.Time, true
		return t
	case typ == reflect.TypeFor[time.Duration]():
		t.Kind = model.Duration
	case typ == reflect.TypeFor[[]byte]():
		t.Kind = model.Bytes
	}
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		t.Elem = described(typ.Elem())
		if typ.Kind() == reflect.Array {
			t.Len = int64(typ.Len())
		}
	case reflect.Struct:
		for f := range typ.Fields() {
			t.Fields = append(t.Fields, &model.Field{
				Name: f.Name, Wire: f.Name, Exported: f.IsExported(), Type: described(f.Type),
				Rules: rule.Read(f.Tag.Get("validate"), rule.Nowhere),
			})
		}
	}
	return t
}

var zeroKinds = map[reflect.Kind]model.Kind{
	reflect.Bool: model.Bool, reflect.String: model.String, reflect.Int: model.Int, reflect.Int8: model.Int8, reflect.Int64: model.Int64,
	reflect.Uint: model.Uint, reflect.Uint8: model.Uint8, reflect.Uint16: model.Uint16, reflect.Float32: model.Float32, reflect.Float64: model.Float64,
	reflect.Pointer: model.Pointer, reflect.Slice: model.Slice, reflect.Array: model.Array, reflect.Map: model.Map, reflect.Struct: model.Struct,
}
