package templates

import (
	"cmp"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/spec"
)

// basic holds the name of each basic kind, which is also the name of its type, and the
// name of the wire functions for it.
var basic = map[spec.Kind]struct{ goName, wire string }{
	spec.Bool:     {"bool", "Bool"},
	spec.Int:      {"int", "Int"},
	spec.Int8:     {"int8", "Int8"},
	spec.Int16:    {"int16", "Int16"},
	spec.Int32:    {"int32", "Int32"},
	spec.Int64:    {"int64", "Int64"},
	spec.Uint:     {"uint", "Uint"},
	spec.Uint8:    {"uint8", "Uint8"},
	spec.Uint16:   {"uint16", "Uint16"},
	spec.Uint32:   {"uint32", "Uint32"},
	spec.Uint64:   {"uint64", "Uint64"},
	spec.Float32:  {"float32", "Float32"},
	spec.Float64:  {"float64", "Float64"},
	spec.String:   {"string", "String"},
	spec.Bytes:    {"", "Bytes"},
	spec.Time:     {"", "Time"},
	spec.Duration: {"", "Duration"},
}

// goType turns a type into code. It is nil for a type that the file can't name.
func (g *generator) goType(t *spec.Type) *jen.Statement {
	if t.Name != "" {
		return g.typeName(t)
	}
	switch t.Kind {
	case spec.Bytes:
		if t.Elem != nil && t.Elem.Path != "" {
			return wrapStatements(jen.Index(), g.goType(t.Elem))
		}
		return jen.Index().Byte()
	case spec.Slice:
		return wrapStatements(jen.Index(), g.goType(t.Elem))
	case spec.Array:
		return wrapStatements(jen.Index(jen.Lit(int(t.Len))), g.goType(t.Elem))
	case spec.Map:
		key := g.goType(t.Key)
		if key == nil {
			return nil
		}
		return wrapStatements(jen.Map(key), g.goType(t.Elem))
	case spec.Pointer:
		return wrapStatements(jen.Op("*"), g.goType(t.Elem))
	case spec.Any:
		return g.anyType()
	case spec.Struct, spec.Foreign:
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
func (g *generator) typeName(t *spec.Type) *jen.Statement {
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
func (g *generator) structType(t *spec.Type, tags bool) *jen.Statement {
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
