package analyzers

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/necrostack/necrogen/internal/spelling"
)

// namespace stands before the name of an analyzer where other tools have names too.
const namespace = "necro/"

// ignore is a comment that silences findings, in the form that staticcheck made common:
//
//	//lint:ignore necro/publish the two spines are different ones
//	//lint:file-ignore necro/publish,necro/emitlate a reason
//
// The first form holds for its own line and the next one, the second for the file.
type ignore struct {
	comment *ast.Comment
	names   []string // of ours, without the namespace
	reason  string
	file    string
	line    int // 0 for the whole file
}

// ignoresOf returns the comments of a file that silence findings of ours.
func ignoresOf(fset *token.FileSet, file *ast.File) (list []*ignore) {
	for _, group := range file.Comments {
		for _, c := range group.List {
			if i := parseIgnore(fset, c); i != nil {
				list = append(list, i)
			}
		}
	}
	return list
}

func parseIgnore(fset *token.FileSet, c *ast.Comment) *ignore {
	verb, rest, _ := strings.Cut(c.Text, " ")
	if verb != "//lint:ignore" && verb != "//lint:file-ignore" {
		return nil
	}
	names, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
	place := fset.Position(c.Pos())
	i := &ignore{comment: c, reason: strings.TrimSpace(reason), file: place.Filename}
	if verb == "//lint:ignore" {
		i.line = place.Line
	}
	for name := range strings.SplitSeq(names, ",") {
		if ours, ok := strings.CutPrefix(name, namespace); ok {
			i.names = append(i.names, ours)
		}
	}
	if len(i.names) == 0 {
		return nil
	}
	return i
}

// coversFinding says whether a finding at that place is silenced. Without a reason nothing is.
func (i *ignore) coversFinding(name string, at token.Position) bool {
	return i.reason != "" && slices.Contains(i.names, name) && i.file == at.Filename &&
		(i.line == 0 || i.line == at.Line || i.line == at.Line-1)
}

// lintignore reports the comments that silence nothing by their form. One that has nothing to
// silence is reported by the analyzer that it names.
var lintignore = &analysis.Analyzer{
	Name:     "lintignore",
	Doc:      "report //lint:ignore comments for necro/… without a reason or with an unknown name",
	Requires: []*analysis.Analyzer{subjects},
	Run: func(pass *analysis.Pass) (any, error) {
		for _, i := range pass.ResultOf[subjects].(*subject).ignores {
			i.checkReasons(pass)
		}
		return nil, nil
	},
}

// silenceable are the names that a comment may have. They are written out since All refers to
// lintignore; a test compares them.
var silenceable = []string{"eventwrite", "goroutine", "emitlate", "publish", "organstate"}

func (i *ignore) checkReasons(pass *analysis.Pass) {
	for _, name := range i.names {
		if !slices.Contains(silenceable, name) {
			hint := "there are " + namespace + strings.Join(silenceable, ", "+namespace)
			if near := spelling.Nearest(name, silenceable); near != "" {
				hint = "did you mean " + namespace + near + "?"
			}
			finding{
				pos: i.comment.Pos(), end: i.comment.End(), hint: hint,
				text: "there is no analyzer " + namespace + name,
			}.reportTo(pass)
		}
	}
	if i.reason == "" {
		finding{
			pos: i.comment.Pos(), end: i.comment.End(), text: "the reason is missing, so nothing is silenced",
			hint: "say after the name why this is right",
		}.reportTo(pass)
	}
}
