package check

import (
	"reflect"
	"regexp"
	"strings"

	"github.com/necrostack/necrogen/internal/diag"
	"github.com/necrostack/necrogen/internal/spec"
)

// msgpackOptions are the words that the reference codec knows.
var msgpackOptions = []string{"omitempty", "alias", "as_array", "asArray", "inline", "noinline", "intern"}

// field judges one field of a struct: its tags, its type and its rules.
func (w walk) field(parent *spec.Type, f *spec.Field) {
	w.tag(f)
	w.options(f)
	for _, r := range fieldNotYet {
		if r.match(f) {
			w.notSupported(r.what, nil)
			return
		}
	}
	if !f.Exported && !f.Embedded {
		w.unexported(f)
		return
	}
	if !f.Skip {
		w.value(f.Type)
	}
	w.rules(parent, f)
}

var tagKey = regexp.MustCompile(`(\w+):"`)

// tag judges the struct tag as a whole.
func (w walk) tag(f *spec.Field) {
	if f.TagError != "" {
		w.add(diag.New(diag.BadTag, w.tagPos(f), w.path, f.TagError))
		return
	}
	for _, m := range tagKey.FindAllStringSubmatch(f.Tag, -1) {
		key := m[1]
		if near := diag.Nearest(key, []string{"msgpack", "validate"}); near != "" && near != key && key != "valid" {
			w.add(diag.New(diag.TagKey, w.tagPos(f), key).WithHint("did you mean %q?", near))
		}
	}
}

func (w walk) tagPos(f *spec.Field) spec.Pos {
	if f.TagPos.IsValid() {
		return f.TagPos
	}
	return w.pos
}

// options judges the words of the msgpack tag after the name.
func (w walk) options(f *spec.Field) {
	for _, o := range f.Options {
		known := false
		for _, name := range msgpackOptions {
			known = known || name == o.Name
		}
		switch {
		case o.Name == "" && o.Value == "", f.Skip && f.Name != "_msgpack":
		case !known:
			d := diag.New(diag.UnknownOption, o.Pos, o.Name)
			if near := diag.Nearest(o.Name, msgpackOptions); near != "" {
				d = d.WithHint("did you mean %q?", near)
			}
			w.add(d)
		case strings.HasSuffix(o.Name, "inline") && !f.Embedded:
			w.add(diag.New(diag.UnknownOption, o.Pos, o.Name).WithHint("only an embedded field is inlined"))
		case (o.Name == "as_array" || o.Name == "asArray") && f.Name != "_msgpack":
			w.add(diag.New(diag.UnknownOption, o.Pos, o.Name).WithHint("it stands on a field _msgpack struct{}"))
		}
	}
}

// unexported reports a field that the codec skips without having been told to.
func (w walk) unexported(f *spec.Field) {
	if f.Name == "_" || f.Name == "_msgpack" {
		return
	}
	if f.Rules != nil && !ignored(f.Rules) {
		w.add(diag.New(diag.SkippedRules, f.Rules.Pos, f.Name).WithHint("export the field, or use //necro:check"))
	}
	name, _, _ := strings.Cut(reflect.StructTag(f.Tag).Get("msgpack"), ",")
	if name == "-" {
		return
	}
	d := diag.New(diag.SkippedField, w.pos, w.path)
	if f.Pos.IsValid() {
		d = d.WithHint("export it, or say so with `msgpack:\"-\"`")
	} else {
		d = d.WithHint("the type belongs to another module: copy what you need into a struct of your own")
	}
	w.add(d)
}

func ignored(r *spec.Rules) bool {
	return len(r.List) == 1 && r.List[0].Name == "-"
}

// wireNames reports names that two fields share, also through embedding.
func (w walk) wireNames(t *spec.Type) {
	first := map[string]*spec.Field{}
	for _, f := range t.WireFields() {
		for _, name := range append([]string{f.Wire}, f.Aliases...) {
			other := first[name]
			if other == nil || other == f {
				first[name] = f
				continue
			}
			pos := w.pos
			if f.Pos.IsValid() {
				pos = f.Pos
			}
			w.add(diag.New(diag.WireClash, pos, f.Name, other.Name, name).
				WithHint("name one of them with `msgpack:\"…\"`").
				WithRelated(other.Pos, "the other one"))
		}
	}
}
