package directive

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/spelling"
)

// tool is the word before the colon.
const tool = "necro"

// lookalike finds what a reader could take for a directive: the word necro, or one letter
// off, right at the start of a comment.
var lookalike = regexp.MustCompile(`^(//|/\*)([ \t]*)([A-Za-z]{4,6})([ \t]*)(:?)([ \t]*)([A-Za-z_-]*)`)

// Scan reads one comment. It returns nil for a comment that has nothing to do with necrogen.
// The position of a word is told by pos.
func Scan(c *ast.Comment, pos func(token.Pos) model.Pos) *model.Directive {
	text := strings.TrimRight(c.Text, " \t\r")
	if d, ok := ast.ParseDirective(c.Slash, text); ok && d.Tool == tool {
		return exact(&d, text, pos)
	}
	verb, ok := nearMiss(text)
	if !ok {
		return nil
	}
	return &model.Directive{Pos: pos(c.Slash), Text: firstWords(text), Verb: verb, VerbPos: pos(c.Slash), Near: true}
}

func exact(d *ast.Directive, text string, pos func(token.Pos) model.Pos) *model.Directive {
	out := &model.Directive{
		Pos:     pos(d.Slash),
		Text:    text,
		Verb:    d.Name,
		VerbPos: pos(d.Slash + token.Pos(len("//"+tool+":"))),
	}
	args, err := d.ParseArgs()
	if err != nil {
		out.Broken = "values are not quoted"
		return out
	}
	for i, a := range args {
		end := d.End()
		if i+1 < len(args) {
			end = args[i+1].Pos
		}
		source := strings.TrimSpace(d.Args[a.Pos-d.ArgsPos : end-d.ArgsPos])
		out.Args = append(out.Args, arg(source, a.Pos, pos))
	}
	return out
}

// arg splits key=value. It works on the source, not on what ParseArgs unquoted: quotes are
// reported and not taken away.
func arg(source string, at token.Pos, pos func(token.Pos) model.Pos) *model.Arg {
	key, value, found := strings.Cut(source, "=")
	a := &model.Arg{Pos: pos(at), Text: source, Key: key, Value: value, HasValue: found}
	a.Quoted = strings.ContainsAny(source, "\"`'")
	a.ValuePos = pos(at + token.Pos(len(key)))
	if found {
		a.ValuePos = pos(at + token.Pos(len(key)+1))
	}
	return a
}

// nearMiss says whether a comment that is no directive was probably meant as one, and which
// verb was meant. Prose that starts with the word is left alone.
func nearMiss(text string) (verb string, ok bool) {
	m := lookalike.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	word, colon, written := strings.ToLower(m[3]), m[5] != "", strings.ToLower(m[7])
	verb = written
	if !slices.Contains(verbs, verb) {
		verb = spelling.Nearest(written, verbs)
	}
	tight := m[2] == "" && m[1] == "//"
	switch {
	case word == tool && colon && tight:
		return verb, true // also without a verb to suggest
	case verb == "":
		return "", false
	case word == tool && colon:
		return verb, true
	case word == tool:
		return verb, tight && verb == written
	default:
		return verb, colon && verb == written && oneOff(word)
	}
}

// firstWords cuts a comment that may be prose after what looks like a directive.
func firstWords(text string) string {
	head := strings.TrimSpace(lookalike.FindString(text))
	if rest := text[len(head):]; rest == "*/" {
		return text
	}
	return head
}

// oneOff says that a word is one edit away from the tool's name. Two would take in words of
// their own: "micro:event".
func oneOff(word string) bool { return spelling.Distance(word, tool) == 1 }
