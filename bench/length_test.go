package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"testing"
)

// TestGeneratedCodeIsShort: our codecs of the measured types are no longer than msgp's of the
// same types, which are made without the methods for io.
func TestGeneratedCodeIsShort(t *testing.T) {
	ours := lines(t, `^(AppendMsgpack|ReadMsgpack|necroAppend|necroRead|necro\w+Keys)$`, "order/necro_gen.go")
	theirs := lines(t, `^(MarshalMsg|UnmarshalMsg|Msgsize)$`, "msgporder/order_gen.go", "msgporder/shapes_gen.go")
	t.Logf("ours %d lines, msgp's %d", ours, theirs)
	if ours > theirs {
		t.Errorf("our codecs are %d lines long, msgp's %d", ours, theirs)
	}
}

// measured are the types that both generate code for; ours are two more.
var measured = regexp.MustCompile(`^(necro)?(Placed|Labelled|Line|Paid|Shipped|Address|Parcel|Scan)(Keys)?$`)

// lines counts the lines of the functions and variables of those names, comments left out.
func lines(t *testing.T, names string, files ...string) (sum int) {
	fset, match := token.NewFileSet(), regexp.MustCompile(names)
	for _, file := range files {
		parsed, err := parser.ParseFile(fset, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			if name, of := declared(decl); match.MatchString(name) && measured.MatchString(of) {
				sum += fset.Position(decl.End()).Line - fset.Position(decl.Pos()).Line + 1
			}
		}
	}
	if sum == 0 {
		t.Fatalf("%v: none of the functions is there", files)
	}
	return sum
}

// declared returns the name of what is declared, and the type that it belongs to.
func declared(decl ast.Decl) (name, of string) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil {
			receiver := d.Recv.List[0].Type
			if pointer, ok := receiver.(*ast.StarExpr); ok {
				receiver = pointer.X
			}
			return d.Name.Name, receiver.(*ast.Ident).Name
		}
	case *ast.GenDecl:
		if v, ok := d.Specs[0].(*ast.ValueSpec); ok {
			return v.Names[0].Name, v.Names[0].Name
		}
	}
	return "", ""
}
