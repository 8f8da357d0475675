package invent

import (
	"regexp"
	"strings"
)

// spoilable are directives and struct tags: whatever stands there, the file is still Go.
var spoilable = regexp.MustCompile("//necro:[^\r\n]*|`[^`\r\n]*`")

// spoilBytes changes bytes of a package's directives and tags.
func (g *gen) spoilBytes(p *Package) {
	for _, name := range p.FileNames() {
		source := p.Files[name]
		places := spoilable.FindAllStringIndex(source, -1)
		for range 1 + g.IntN(3) {
			if len(places) == 0 {
				break
			}
			at := pickOne(g, places)
			source = source[:at[0]] + g.spoilText(source[at[0]:at[1]]) + source[at[1]:]
			places = spoilable.FindAllStringIndex(source, -1)
		}
		p.Files[name] = source
	}
}

// spoilText changes a comment or a raw string between its ends.
func (g *gen) spoilText(s string) string {
	head, tail := 2, 0
	if strings.HasPrefix(s, "`") {
		head, tail = 1, 1
	}
	inner := []byte(s[head : len(s)-tail])
	if len(inner) == 0 {
		return s
	}
	i := g.IntN(len(inner))
	switch g.IntN(4) {
	case 0:
		inner = append(inner[:i:i], inner[i+1:]...)
	case 1:
		inner[i] = pickOne(g, []byte(" \":,=|-.x0A\t\\_;'"))
	case 2:
		j := g.IntN(len(inner))
		inner[i], inner[j] = inner[j], inner[i]
	default:
		j := min(len(inner), i+1+g.IntN(6))
		inner = []byte(string(inner[:j]) + string(inner[i:]))
	}
	return s[:head] + string(inner) + s[len(s)-tail:]
}
