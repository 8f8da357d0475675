package diag

import "embed"

//go:embed pages/*.md
var pages embed.FS

// Page returns the page that explains a code, in Markdown, and whether there is one: a title,
// why it is wrong, and Go that is wrong and right.
func Page(code Code) (markdown string, ok bool) {
	b, err := pages.ReadFile("pages/" + string(code) + ".md")
	return string(b), err == nil
}
