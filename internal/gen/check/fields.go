package check

import (
	"reflect"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/spelling"
)

// msgpackOptions are the words that the reference codec knows.
var msgpackOptions = []string{"omitempty", "alias", "as_array", "asArray", "inline", "noinline", "intern"}

// judgeField judges one field of a struct: its tags, its type and its rules. Rules in a type of another
// module count where a validator asks them.
func (w walk) judgeField(parent *model.Type, f *model.Field) {
	w.judgeTag(f)
	w.judgeOptions(f)
	switch {
	case !f.Exported && !f.Embedded:
		w.judgeUnexported(f)
		return
	case f.Skip:
	case f.Embedded && !w.judgeEmbedded(parent, f):
		return
	default:
		w.judgeValue(f.Type, false)
		w.neverWritten(f)
	}
	if w.owner == nil || w.asked {
		w.judgeRules(parent, f)
		w.judgeDoors(parent, f)
	}
}

// judgeEmbedded judges an embedded field, and reports whether there is more to judge.
func (w walk) judgeEmbedded(parent *model.Type, f *model.Field) bool {
	switch {
	case f.Inline && slices.Contains(inlinedIn(f.Type.Pointed(), nil), parent):
		w.addWithWay(diag.New(diag.EmbedCircle, w.pos, w.path, localTypeText(f)).
			WithHint("give the field a name: %s %s", f.Name, localTypeText(f)))
		return false
	case !f.Exported && f.Type.Kind != model.Struct:
		w.addWithWay(diag.New(diag.EmbedUnexported, w.pos, w.path, localTypeText(f)).WithHint("%s", embedHint(f)))
		return false
	}
	return true
}

// localTypeText writes the type of an embedded field as its own package does.
func localTypeText(f *model.Field) string {
	if t := f.Type.Pointed(); t.Path == f.Path {
		return strings.Replace(f.Type.Desc, t.PkgName+".", "", 1)
	}
	return f.Type.Desc
}

func embedHint(f *model.Field) string {
	if f.Inline {
		return "embed it by value, or export the type"
	}
	return "give it an exported name, or " + leaveOut
}

// inlinedIn appends the structs whose fields stand in a struct, itself first.
func inlinedIn(t *model.Type, list []*model.Type) []*model.Type {
	if slices.Contains(list, t) {
		return list
	}
	list = append(list, t)
	for _, f := range t.Fields {
		if f.Inline {
			list = inlinedIn(f.Type.Pointed(), list)
		}
	}
	return list
}

// neverWritten reports a value that omitempty leaves out whatever it holds: the reference takes a
// struct for empty when all its exported fields are, also one that encodes itself.
func (w walk) neverWritten(f *model.Field) {
	t := f.Type
	if !f.OmitEmpty || t.Kind != model.Foreign || t.ForeignKind != model.Struct || t.IsZero || len(t.WireFields()) > 0 {
		return
	}
	w.addWithWay(diag.New(diag.NeverWritten, w.pos, w.path, t.Desc).
		WithHint("take *%s, which is empty when it is nil, or leave out omitempty", t.Desc))
}

// judgeTag judges the struct tag as a whole.
func (w walk) judgeTag(f *model.Field) {
	if f.TagError != "" {
		hint := "a tag is made of pairs like `msgpack:\"id\" validate:\"required\"`, apart by spaces"
		if strings.HasSuffix(f.TagError, "twice") {
			hint = "keep one of the two"
		}
		w.addAtField(diag.New(diag.BadTag, w.tagPos(f), w.path, f.TagError).WithHint("%s", hint))
		return
	}
	for _, key := range f.TagKeys {
		near := spelling.Nearest(key.Name, []string{"msgpack", "validate"})
		if near != "" && near != key.Name && w.owner == nil && key.Name != "valid" { // which another library reads
			w.addAtField(diag.New(diag.TagKey, w.posOrField(key.Pos), key.Name).WithHint("did you mean %q?", near))
		}
	}
}

func (w walk) tagPos(f *model.Field) model.Pos { return w.posOrField(f.TagPos) }

// posOrField is a place, or that of the innermost field when the source of the place can't be changed.
func (w walk) posOrField(pos model.Pos) model.Pos {
	if pos.IsValid() {
		return pos
	}
	return w.pos
}

// judgeOptions judges the words of the msgpack tag after the name.
func (w walk) judgeOptions(f *model.Field) {
	for _, o := range f.Options {
		known := false
		for _, name := range msgpackOptions {
			known = known || name == o.Name
		}
		switch {
		case o.Name == "" && o.Value == "", f.Skip && f.Name != "_msgpack":
		case !known && w.owner != nil: // no reader sees it
		case !known:
			d := diag.New(diag.UnknownOption, o.Pos, o.Name).WithHint("the options are omitempty and alias:name")
			if near := spelling.Nearest(o.Name, msgpackOptions); near != "" {
				d = d.WithHint("did you mean %q?", near)
			}
			w.addAtField(d)
		case strings.HasSuffix(o.Name, "inline") && !f.Embedded:
			w.addAtField(diag.New(diag.UnknownOption, o.Pos, o.Name).WithHint("only an embedded field is inlined"))
		case o.Name == "inline" && !f.Inline:
			w.addAtField(diag.New(diag.UnknownOption, o.Pos, o.Name).
				WithHint("only a struct is inlined, and none that encodes itself: give the field a name"))
		case (o.Name == "as_array" || o.Name == "asArray") && f.Name != "_msgpack":
			w.addAtField(diag.New(diag.UnknownOption, o.Pos, o.Name).WithHint("it stands on a field _msgpack struct{}"))
		case o.Name == "intern":
			w.addAtField(diag.New(diag.Interned, o.Pos, w.path).
				WithHint("leave the option out"))
		}
	}
}

// judgeUnexported reports a field that the codec skips without having been told to.
func (w walk) judgeUnexported(f *model.Field) {
	if f.Name == "_" || f.Name == "_msgpack" {
		return
	}
	if f.Rules != nil && !f.Rules.Ignored() && w.owner == nil {
		w.addAtField(diag.New(diag.SkippedRules, f.Rules.Pos, f.Name).WithHint("export the field, or use //necro:check"))
	}
	name, _, _ := strings.Cut(reflect.StructTag(f.Tag).Get("msgpack"), ",")
	if name != "-" {
		w.addAtField(diag.New(diag.SkippedField, w.pos, w.path).WithHint("export it, or say so with `msgpack:\"-\"`"))
	}
}

// wireNames reports names that two fields share, also through embedding. The ways to the fields are
// compared, because a struct that is embedded on two ways brings the same field twice. A clash
// inside of one embedded struct is told where that struct is judged.
func (w walk) wireNames(t *model.Type) {
	first := map[string][]*model.Field{}
	for _, way := range t.WireWays() {
		f := way[len(way)-1]
		for _, name := range append([]string{f.Wire}, f.Aliases...) {
			other := first[name]
			switch {
			case other == nil:
				first[name] = way
			case other[0] != way[0]:
				w.wireClash(other, way, name)
			}
		}
	}
}

// wireClash reports two fields of one wire name. Where both are one field of a struct that is
// embedded twice, no tag of the field helps, and the second embedding is the place to mend.
func (w walk) wireClash(other, way []*model.Field, name string) {
	at, before := way[len(way)-1], other[len(other)-1]
	hint := "name one of them with `msgpack:\"…\"`"
	if at == before {
		at, before = way[0], other[0]
		hint = "give the embedded field a name, " + at.Name + " " + localTypeText(at) + ", or leave it out with `msgpack:\"-\"`"
	}
	w.addAtField(diag.New(diag.WireClash, w.posOrField(at.Pos), selectorText(way), selectorText(other), name).
		WithHint("%s", hint).
		WithRelated(before.Pos, "the other one"))
}

// selectorText writes the way to a field as Go selects it.
func selectorText(way []*model.Field) string {
	var names []string
	for _, f := range way {
		names = append(names, f.Name)
	}
	return strings.Join(names, ".")
}
