package templates

import (
	"cmp"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// basic holds the name of each basic kind, which is also the name of its type, and the
// name of the wire functions for it.
var basic = map[model.Kind]struct{ goName, wire string }{
	model.Bool:     {"bool", "Bool"},
	model.Int:      {"int", "Int"},
	model.Int8:     {"int8", "Int8"},
	model.Int16:    {"int16", "Int16"},
	model.Int32:    {"int32", "Int32"},
	model.Int64:    {"int64", "Int64"},
	model.Uint:     {"uint", "Uint"},
	model.Uint8:    {"uint8", "Uint8"},
	model.Uint16:   {"uint16", "Uint16"},
	model.Uint32:   {"uint32", "Uint32"},
	model.Uint64:   {"uint64", "Uint64"},
	model.Float32:  {"float32", "Float32"},
	model.Float64:  {"float64", "Float64"},
	model.String:   {"string", "String"},
	model.Bytes:    {"", "Bytes"},
	model.Time:     {"", "Time"},
	model.Duration: {"", "Duration"},
}

// goType turns a type into code. It is nil for a type that the file can't name.
func (g *generator) goType(t *model.Type) *jen.Statement {
	if t.Name != "" {
		return g.typeName(t)
	}
	switch t.Kind {
	case model.Bytes:
		if t.Elem != nil && t.Elem.Path != "" {
			return wrapStatements(jen.Index(), g.goType(t.Elem))
		}
		return jen.Index().Byte()
	case model.Slice:
		return wrapStatements(jen.Index(), g.goType(t.Elem))
	case model.Array:
		return wrapStatements(jen.Index(jen.Lit(int(t.Len))), g.goType(t.Elem))
	case model.Map:
		key := g.goType(t.Key)
		if key == nil {
			return nil
		}
		return wrapStatements(jen.Map(key), g.goType(t.Elem))
	case model.Pointer:
		return wrapStatements(jen.Op("*"), g.goType(t.Elem))
	case model.Any:
		return g.anyType()
	case model.Struct, model.Foreign:
		return g.structType(t, true)
	}
	return nil
}

// anyType is any, unless the package gives that name another meaning.
func (g *generator) anyType() *jen.Statement {
	if _, taken := g.pkg.Names["any"]; taken {
		return jen.Interface()
	}
	return jen.Any()
}

func wrapStatements(head, elem *jen.Statement) *jen.Statement {
	if elem == nil {
		return nil
	}
	return head.Add(elem)
}

// typeName writes a predeclared or declared name with its type arguments. An unexported name
// of another package is out of reach.
func (g *generator) typeName(t *model.Type) *jen.Statement {
	if t.Path == "" {
		return jen.Id(t.Name)
	}
	if t.Path != g.pkg.Path && !exportedName(t.Name) {
		return nil
	}
	if len(t.Args) == 0 {
		return jen.Qual(t.Path, t.Name)
	}
	var args []jen.Code
	for _, a := range t.Args {
		arg := g.goType(a)
		if arg == nil {
			return nil
		}
		args = append(args, arg)
	}
	return jen.Qual(t.Path, t.Name).Types(args...)
}

// structType writes a struct's fields, with their tags where they count for identity.
func (g *generator) structType(t *model.Type, tags bool) *jen.Statement {
	var fields []jen.Code
	for _, f := range t.Fields {
		typ := g.goType(cmp.Or(f.Alias, f.Type))
		if typ == nil {
			return nil
		}
		line := jen.Add(typ)
		if !f.Embedded {
			line = jen.Id(f.Name).Add(typ)
		}
		if tags && f.Tag != "" {
			line.Lit(f.Tag)
		}
		fields = append(fields, line)
	}
	return jen.Struct(fields...)
}
