package source

import (
	"go/ast"
	"go/token"
	"strconv"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// readTag reads the msgpack and validate tags of a field. source is nil for a field of another
// module, whose tags have no positions.
func (l *loader) readTag(f *model.Field, source *ast.Field) {
	at := func(int) model.Pos { return f.Pos }
	if source != nil && source.Tag != nil {
		_, offsets := unquoteLiteral(source.Tag.Value)
		f.TagPos = l.positionOf(source.Tag.Pos())
		at = func(i int) model.Pos {
			return l.positionOf(source.Tag.Pos() + token.Pos(offsets[min(i, len(offsets)-1)]))
		}
	}
	values, fault := splitTag(f.Tag)
	if f.TagError = fault.why; fault.why != "" {
		f.TagPos = at(fault.at)
	}
	for key, v := range values {
		f.TagKeys = append(f.TagKeys, model.TagOption{Pos: at(v.key), Name: key})
	}
	readMsgpack(f, values["msgpack"], at)
	rules := values["validate"]
	f.Rules = rule.Read(rules.text, func(i int) model.Pos { return at(rules.offsets[i]) })
}

// tagValue is the value of one key in a struct tag, and where its bytes stand in the tag.
type tagValue struct {
	text    string
	offsets []int // one for each byte, and one for the end
	key     int   // where the key stands
}

// tagFault is what stops package reflect from reading a tag to its end; without a reason it is
// none.
type tagFault struct {
	at  int
	why string
}

// splitTag reads a struct tag as package reflect does, keeps the places, and says what stops
// reflect from reading it to its end.
func splitTag(tag string) (values map[string]tagValue, fault tagFault) {
	values = map[string]tagValue{}
	for i := 0; ; {
		for i < len(tag) && tag[i] == ' ' {
			i++
		}
		if i == len(tag) {
			return values, tagFault{}
		}
		start := i
		for i < len(tag) && tag[i] > ' ' && tag[i] != ':' && tag[i] != '"' && tag[i] != 0x7f {
			i++
		}
		if i == start || i+1 >= len(tag) || tag[i] != ':' || tag[i+1] != '"' {
			return values, tagFault{start, `it is not made of key:"value" pairs`}
		}
		key, open := tag[start:i], i+1
		for i = open + 1; i < len(tag) && tag[i] != '"'; i++ {
			if tag[i] == '\\' {
				i++
			}
		}
		if i >= len(tag) {
			return values, tagFault{start, "a quote is missing"}
		}
		i++
		if _, err := strconv.Unquote(tag[open:i]); err != nil {
			return values, tagFault{start, "the value of " + key + " is no Go string"}
		}
		text, offsets := unquoteLiteral(tag[open:i])
		for j := range offsets {
			offsets[j] += open
		}
		if _, again := values[key]; again {
			return values, tagFault{start, "it has the key " + key + " twice"}
		}
		values[key] = tagValue{text, offsets, start}
	}
}

// readMsgpack fills in what the codec sees, as vmihailenco/msgpack/v5 reads the tag: the name,
// then options, key:value or bare.
func readMsgpack(f *model.Field, v tagValue, at func(int) model.Pos) {
	words := tagWords(v.text)
	name := ""
	if len(words) > 0 && words[0].key == "" {
		name, words = words[0].value, words[1:]
	}
	f.Wire = name
	if name == "" {
		f.Wire = f.Name
	}
	noInline := false
	for _, w := range words {
		if w.key == "" {
			w.key, w.value = w.value, ""
		}
		f.Options = append(f.Options, model.TagOption{Pos: at(v.offsets[w.at]), Name: w.key, Value: w.value})
		switch w.key {
		case "omitempty":
			f.OmitEmpty = true
		case "alias":
			f.Aliases = append(f.Aliases, w.value)
		case "as_array", "asArray":
			f.AsArray = f.Name == "_msgpack"
		case "noinline":
			noInline = true
		}
	}
	f.Inline = f.Embedded && !noInline && isPlainStruct(f.Type)
	if name == "-" || !f.Exported && !f.Embedded {
		f.Skip, f.Wire, f.Inline = true, "", false
	}
}

// isPlainStruct says whether the codec sees through to the fields: a struct or a pointer to
// one that does not encode itself.
func isPlainStruct(t *model.Type) bool {
	t = t.Pointed()
	return t.Kind == model.Struct && !t.Marshalers.Any()
}
