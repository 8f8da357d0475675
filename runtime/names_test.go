package necro

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// maxNames bounds the names that a user finds in this package: 70 for what it did before it kept time, and those that each
// capability adds.
const maxNames = 70 + timeNames + stateNames + timerNames + publishNames + laneNames + traceNames + batchNames

// timeNames are WithDelay, WithTime, Out and Rate.
const timeNames = 4

// stateNames are Load, Range and End.
const stateNames = 3

// timerNames are Timer, StartTimer and StopTimer, and of what takes back Undo and Compensate.
const timerNames = 5

// publishNames are WithReceipt, Receipt, WithIDFor, ErrIDsFull and WithUnique.
const publishNames = 5

// laneNames is Lanes.
const laneNames = 1

// traceNames are WithChosenPublishes and WithContextValue.
const traceNames = 2

// batchNames are Batch, Failed and MetasFrom.
const batchNames = 3

// TestUsersReadAShortList counts the names that go doc lists for package necro: each exported type, function and variable
// is one, and so is each exported constant, but for those of one parenthesised group that are values of one
// type, which are one together. Methods and fields belong to their types and are not counted.
func TestUsersReadAShortList(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			names = append(names, exportedNames(decl)...)
		}
	}
	slices.Sort(names)
	if len(names) > maxNames {
		t.Errorf("package necro has %d exported names, at most %d are wanted: does the newest belong to package contract?\n%s",
			len(names), maxNames, strings.Join(names, "\n"))
	}
	t.Logf("%d names: %s", len(names), strings.Join(names, " "))
}

// exportedNames returns what a declaration adds to the list of go doc.
func exportedNames(decl ast.Decl) (names []string) {
	add := func(id *ast.Ident) {
		if id.IsExported() {
			names = append(names, id.Name)
		}
	}
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Recv == nil {
			add(decl.Name)
		}
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				add(spec.Name)
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					add(id)
				}
			}
		}
		if decl.Tok == token.CONST && len(names) > 1 && isOfOneType(names) {
			names = names[:1]
		}
	}
	return names
}

// typedGroups are the groups of constants that are values of one type of package contract.
var typedGroups = [][]string{
	{"Dead", "Drop", "Halt"},
	{"OrderFirstAttempts", "OrderKey", "OrderStrict"},
}

// isOfOneType reports whether constants are the values of one type.
func isOfOneType(names []string) bool {
	return slices.ContainsFunc(typedGroups, func(group []string) bool { return slices.Equal(group, names) })
}
