package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// subjects finds what the others look at. It builds the SSA form of a package only when there
// are handlers in it.
var subjects = &analysis.Analyzer{
	Name:       "subjects",
	Doc:        "find the organs and handlers of a package",
	Run:        findSubjects,
	ResultType: reflect.TypeFor[*subject](),
}

// subject holds the organs and handlers of a package.
type subject struct {
	handlers []*handler
	organs   map[types.Object]*organ
	funcs    map[types.Object]*ast.FuncDecl // all functions of the package
	ignores  []*ignore
}

// organ is an annotated struct.
type organ struct {
	name      string
	directive *ast.Comment
	policy    model.Policy
	test      bool // declared in a test file
	handlers  []*handler
}

// handler is an annotated method.
type handler struct {
	name  string
	decl  *ast.FuncDecl
	fn    *ssa.Function
	recv  *ssa.Parameter
	event *ssa.Parameter
	emits []*ssa.Parameter
	organ *organ // nil when the type is none
}

func findSubjects(pass *analysis.Pass) (any, error) {
	s := &subject{organs: map[types.Object]*organ{}, funcs: map[types.Object]*ast.FuncDecl{}}
	var handles []*ast.FuncDecl
	for _, file := range pass.Files {
		s.ignores = append(s.ignores, ignoresOf(pass.Fset, file)...)
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.GenDecl:
				s.addOrgans(pass, decl)
			case *ast.FuncDecl:
				s.funcs[pass.TypesInfo.Defs[decl.Name]] = decl
				handle, _ := directiveOf(directive.Handle, decl.Doc)
				giveUp, _ := directiveOf(directive.GiveUp, decl.Doc)
				if handle != nil || giveUp != nil {
					handles = append(handles, decl)
				}
			}
		}
	}
	if len(handles) == 0 {
		return s, nil
	}
	prog := buildSSA(pass)
	for _, decl := range handles {
		s.addHandler(pass, prog, decl)
	}
	return s, nil
}

// buildSSA makes the SSA form. The analyzer buildssa would do, but it needs facts, for which all
// that is imported would be analysed too.
func buildSSA(pass *analysis.Pass) *ssa.Program {
	prog := ssa.NewProgram(pass.Fset, ssa.BuilderMode(0))
	for _, p := range pass.Pkg.Imports() {
		prog.CreatePackage(p, nil, nil, true)
	}
	prog.CreatePackage(pass.Pkg, pass.Files, pass.TypesInfo, false).Build()
	return prog
}

// addOrgans finds //necro:organ, above a declaration and inside of a group.
func (s *subject) addOrgans(pass *analysis.Pass, decl *ast.GenDecl) {
	if decl.Tok != token.TYPE {
		return
	}
	for _, sp := range decl.Specs {
		ts := sp.(*ast.TypeSpec)
		c, d := directiveOf(directive.Organ, ts.Doc)
		if c == nil && !decl.Lparen.IsValid() {
			c, d = directiveOf(directive.Organ, decl.Doc)
		}
		if c == nil {
			continue
		}
		s.organs[pass.TypesInfo.Defs[ts.Name]] = &organ{
			name: ts.Name.Name, directive: c, policy: directive.Policy(d),
			test: strings.HasSuffix(pass.Fset.Position(ts.Pos()).Filename, "_test.go"),
		}
	}
}

// addHandler takes a method that has a handler's form. Other methods are for necrogen to report.
func (s *subject) addHandler(pass *analysis.Pass, prog *ssa.Program, decl *ast.FuncDecl) {
	obj, _ := pass.TypesInfo.Defs[decl.Name].(*types.Func)
	if obj == nil || obj.Signature().Recv() == nil || obj.Signature().Params().Len() < 2 {
		return
	}
	fn := prog.FuncValue(obj)
	if fn == nil || fn.Blocks == nil || len(fn.Params) < 3 {
		return
	}
	event := 2
	if hasState(fn) {
		event = 3
	}
	h := &handler{name: decl.Name.Name, decl: decl, fn: fn, recv: fn.Params[0], event: fn.Params[event]}
	for _, p := range fn.Params[event+1:] {
		if isNamed(p.Type(), runtimePath, "Emit") {
			h.emits = append(h.emits, p)
		}
	}
	s.handlers = append(s.handlers, h)
	if o := s.organs[typeObject(h.recv.Type())]; o != nil {
		o.handlers = append(o.handlers, h)
		h.organ = o
	}
}

// hasState says whether the state of the organ stands in front of the event: behind an event there are emissions only, and in
// front of them why it is given up.
func hasState(fn *ssa.Function) bool {
	return len(fn.Params) > 3 && !isNamed(fn.Params[3].Type(), runtimePath, "Emit") && !isNamed(fn.Params[3].Type(), contractPath, "Death")
}

// directiveOf returns the directive of that verb in a doc comment.
func directiveOf(verb string, doc *ast.CommentGroup) (*ast.Comment, *model.Directive) {
	if doc == nil {
		return nil, nil
	}
	for _, c := range doc.List {
		d := directive.Scan(c, func(token.Pos) model.Pos { return model.Pos{} })
		if d != nil && !d.Near && d.Verb == verb {
			return c, d
		}
	}
	return nil, nil
}

// typeObject returns the name of a type, or of the type it points to; nil for one without a name.
func typeObject(t types.Type) types.Object {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if named, ok := types.Unalias(t).(*types.Named); ok {
		return named.Obj()
	}
	return nil
}

// isNamed says whether t is the named type of that package, or points to it.
func isNamed(t types.Type, path, name string) bool {
	obj := typeObject(t)
	return obj != nil && obj.Pkg() != nil && obj.Pkg().Path() == path && obj.Name() == name
}
