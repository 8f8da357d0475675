package source

import (
	"reflect"
	"strconv"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

func TestUnquoteKeepsPlaces(t *testing.T) {
	for _, lit := range []string{"`a b`", "`a\r\nb`", `"a\"b\u0041é\x41"`, `""`, "``"} {
		text, offsets := unquoteLiteral(lit)
		want, err := strconv.Unquote(lit)
		if err != nil {
			t.Fatal(err)
		}
		if text != want || len(offsets) != len(text)+1 {
			t.Errorf("%s: got %q and %d offsets", lit, text, len(offsets))
		}
	}
	_, offsets := unquoteLiteral(`"a\"b"`)
	if want := []int{1, 2, 4, 5}; !reflect.DeepEqual(offsets, want) {
		t.Errorf("got %v, want %v", offsets, want)
	}
}

// FuzzSplitTag compares with package reflect: where a tag can be read, it says the same. Whatever
// the codec's and the validator's part hold, their words stand inside the tag.
func FuzzSplitTag(f *testing.F) {
	for _, tag := range []string{
		`msgpack:"a,omitempty" validate:"min=1"`, `a:"b`, ` `, `msgpack:x`, `a:"\"" b:"\u00e9"`,
		`msgpack:"'a b',alias:x" validate:"dive,keys,email|len=3,endkeys,oneof='a b' c,dive,required_if=A b"`,
	} {
		f.Add(tag)
	}
	f.Fuzz(func(t *testing.T, tag string) {
		values, _ := splitTag(tag)
		for key, v := range values {
			got, ok := reflect.StructTag(tag).Lookup(key)
			if !ok || got != v.text || len(v.offsets) != len(v.text)+1 {
				t.Errorf("%q: %s is %q, reflect says %q", tag, key, v.text, got)
			}
			for _, o := range v.offsets {
				if o < 0 || o > len(tag) {
					t.Errorf("%q: offset %d", tag, o)
				}
			}
		}
		at := func(i int) model.Pos {
			if i < 0 || i > len(tag) {
				t.Errorf("%q: a word at %d", tag, i)
			}
			return model.Pos{}
		}
		readMsgpack(&model.Field{Name: "F", Exported: true, Type: &model.Type{Kind: model.Int}}, values["msgpack"], at)
		rules := values["validate"]
		rule.Read(rules.text, func(i int) model.Pos { return at(rules.offsets[i]) })
	})
}
