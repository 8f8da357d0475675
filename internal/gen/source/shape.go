package source

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// indexFields remembers where the fields of a unit stand, for the positions of their tags.
func (l *loader) indexFields(u *unit) {
	for _, f := range u.files {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if s, ok := n.(*ast.StructType); ok && s.Fields != nil {
				for _, field := range s.Fields.List {
					l.indexField(field)
				}
			}
			return true
		})
	}
}

func (l *loader) indexField(field *ast.Field) {
	for _, name := range field.Names {
		l.found.fields[name.Pos()] = field
	}
	if len(field.Names) == 0 {
		l.found.fields[embeddedName(field.Type)] = field
	}
}

// embeddedName returns the place of the identifier that names an embedded field.
func embeddedName(expr ast.Expr) token.Pos {
	for {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.ParenExpr:
			expr = e.X
		case *ast.SelectorExpr:
			return e.Sel.Pos()
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		default:
			return expr.Pos()
		}
	}
}

// shapeOf returns the model of a type. at is where the source refers to it, for type errors.
func (l *loader) shapeOf(t types.Type, at model.Pos) *model.Type {
	t = types.Unalias(t)
	if known := l.found.shapes[t]; known != nil {
		return known
	}
	out := &model.Type{Desc: l.describeType(t), Comparable: types.Comparable(t)}
	if b, ok := t.(*types.Basic); ok {
		out.Kind, out.Name = basicKind(b), b.Name()
		out.OtherKind = otherKind(b)
		if out.Kind == model.Invalid {
			out.Problem = l.problemAt(at, "its type is not known")
		}
		return out
	}
	l.found.shapes[t] = out
	if named, ok := t.(*types.Named); ok {
		l.fillNamed(out, named, at)
		return out
	}
	l.fillUnderlying(out, t, at)
	if s, ok := t.(*types.Struct); ok && embedsMethods(s) {
		l.fillPromoted(out, t)
	}
	return out
}

// embedsMethods reports whether a struct has promoted methods, those of its embedded fields.
func embedsMethods(s *types.Struct) bool {
	for f := range s.Fields() {
		if f.Embedded() {
			return true
		}
	}
	return false
}

// fillPromoted fills in the methods of a struct without a name.
func (l *loader) fillPromoted(out *model.Type, t types.Type) {
	out.Marshalers = marshalersOf(t)
	out.IsZero, out.IsZeroPointer = zeroMethods(t)
	if out.Marshalers.Any() {
		out.ForeignKind, out.Kind = out.Under(), model.Foreign
	}
}

// fillNamed fills in the model of a named type.
func (l *loader) fillNamed(out *model.Type, named *types.Named, at model.Pos) {
	obj := named.Obj()
	out.Name = obj.Name()
	if obj.Pkg() != nil {
		out.Path, out.PkgName = obj.Pkg().Path(), obj.Pkg().Name()
		out.Module = l.moduleOf(out.Path)
	}
	for i := range named.TypeArgs().Len() {
		out.Args = append(out.Args, l.shapeOf(named.TypeArgs().At(i), at))
	}
	if out.Problem = l.instanceFault(named); out.Problem != "" {
		return
	}
	out.Marshalers = marshalersOf(named)
	out.Methods = exportedMethods(named)
	if out.Event = l.eventOf(named); out.Event == nil {
		out.Event = l.stateOf(named)
	}
	out.Shared = len(out.Args) == 0 && l.found.shared[out.Path+"."+out.Name]
	out.Problems = l.problemsOf(obj)
	out.IsZero, out.IsZeroPointer = zeroMethods(named)
	switch {
	case out.Path == "time" && out.Name == "Time":
		out.Kind = model.Time
		return
	case out.Path == "time" && out.Name == "Duration":
		out.Kind = model.Duration
		return
	case out.Path == "" && out.Name == "error":
		out.Kind = model.Error
		return
	}
	l.fillUnderlying(out, named.Underlying(), at)
	out.TimeLike = timeLike(named.Underlying())
	out.Stringer, out.Valuer = judgedBy(named)
	if out.Marshalers.Any() {
		out.ForeignKind, out.Kind = out.Under(), model.Foreign
	}
}

// fillUnderlying fills in the kind and what belongs to it.
func (l *loader) fillUnderlying(out *model.Type, t types.Type, at model.Pos) {
	switch t := t.(type) {
	case *types.Basic:
		if out.Kind = basicKind(t); out.Kind == model.Invalid {
			out.Problem = l.problemAt(at, "its type is not known")
		}
		out.OtherKind = otherKind(t)
	case *types.Slice:
		out.Kind, out.Elem = model.Slice, l.shapeOf(t.Elem(), at)
		if b, ok := t.Elem().Underlying().(*types.Basic); ok && b.Kind() == types.Uint8 {
			out.Kind = model.Bytes
		}
	case *types.Array:
		out.Kind, out.Elem, out.Len = model.Array, l.shapeOf(t.Elem(), at), t.Len()
	case *types.Map:
		out.Kind, out.Key, out.Elem = model.Map, l.shapeOf(t.Key(), at), l.shapeOf(t.Elem(), at)
	case *types.Pointer:
		out.Kind, out.Elem = model.Pointer, l.shapeOf(t.Elem(), at)
	case *types.Struct:
		out.Kind = model.Struct // known while its fields are modelled: it may embed itself
		out.Fields = l.fieldsOf(t, at)
	case *types.Interface:
		out.Kind, out.OtherKind = model.Other, "interface"
		if t.Empty() {
			out.Kind = model.Any
		}
	default:
		out.Kind, out.OtherKind = model.Other, otherKind(t)
	}
}

// otherKind says what a type is that has no kind; "" for others.
func otherKind(t types.Type) string {
	switch t := t.(type) {
	case *types.Chan:
		return "chan"
	case *types.Signature:
		return "func"
	case *types.Basic:
		switch {
		case t.Info()&types.IsComplex != 0:
			return "complex"
		case t.Kind() == types.Uintptr:
			return "uintptr"
		case t.Kind() == types.UnsafePointer:
			return "unsafe.Pointer"
		}
	}
	return ""
}

// fieldsOf models all fields of a struct. An embedded one and the rest of a tag are read with
// the eyes of the codec: see tags.go.
func (l *loader) fieldsOf(t *types.Struct, at model.Pos) []*model.Field {
	fields := make([]*model.Field, 0, t.NumFields())
	omitEmpty := false
	for i := range t.NumFields() {
		v := t.Field(i)
		f := &model.Field{Name: v.Name(), Exported: v.Exported(), Embedded: v.Embedded(), Tag: t.Tag(i)}
		here := at
		if v.Pkg() != nil {
			f.Path = v.Pkg().Path()
		}
		source := l.fieldDeclaration(v)
		if source != nil {
			f.Pos = l.positionOf(v.Pos())
			f.Doc = strings.TrimSpace(source.Doc.Text())
			here = f.Pos
		}
		f.Type = l.shapeOf(v.Type(), here)
		f.Alias = l.aliasOf(v, here)
		l.readTag(f, source)
		if f.Name == "_msgpack" && f.OmitEmpty {
			omitEmpty = true
		}
		f.OmitEmpty = f.OmitEmpty || omitEmpty
		fields = append(fields, f)
	}
	return fields
}

// aliasOf returns the alias by which a field is embedded, or nil: it names the field.
func (l *loader) aliasOf(v *types.Var, at model.Pos) *model.Type {
	if !v.Embedded() {
		return nil
	}
	if ptr, ok := v.Type().(*types.Pointer); ok {
		if a, ok := ptr.Elem().(*types.Alias); ok {
			return &model.Type{Kind: model.Pointer, Elem: l.aliasName(a, at)}
		}
	}
	if a, ok := v.Type().(*types.Alias); ok {
		return l.aliasName(a, at)
	}
	return nil
}

func (l *loader) aliasName(a *types.Alias, at model.Pos) *model.Type {
	out := &model.Type{Kind: model.Other, Name: a.Obj().Name(), Desc: l.describeType(a)}
	if pkg := a.Obj().Pkg(); pkg != nil {
		out.Path, out.PkgName = pkg.Path(), pkg.Name()
	}
	for i := range a.TypeArgs().Len() {
		out.Args = append(out.Args, l.shapeOf(a.TypeArgs().At(i), at))
	}
	return out
}

// fieldDeclaration returns the declaration of a field of the main module, and nil for another: positions
// in export data have no columns, and mean nothing to this file set.
func (l *loader) fieldDeclaration(v *types.Var) *ast.Field {
	if v.Pkg() != nil && l.imports.external[v.Pkg().Path()] == v.Pkg() {
		return nil
	}
	return l.found.fields[v.Pos()]
}

// describeType writes a type as it stands in the source: "map[string]shop.Leg".
func (l *loader) describeType(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string { return p.Name() })
}

var basicKinds = map[types.BasicKind]model.Kind{
	types.Bool: model.Bool, types.String: model.String,
	types.Int: model.Int, types.Int8: model.Int8, types.Int16: model.Int16, types.Int32: model.Int32, types.Int64: model.Int64,
	types.Uint: model.Uint, types.Uint8: model.Uint8, types.Uint16: model.Uint16, types.Uint32: model.Uint32, types.Uint64: model.Uint64,
	types.Float32: model.Float32, types.Float64: model.Float64,
	types.Invalid: model.Invalid,
}

func basicKind(b *types.Basic) model.Kind {
	if k, ok := basicKinds[b.Kind()]; ok {
		return k
	}
	return model.Other
}
