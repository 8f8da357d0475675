package directive

import (
	"fmt"
	"strings"
)

// Document is the reference in docs/annotations.md: the verbs, then the keys.
func Document() string {
	var b strings.Builder
	b.WriteString("\n## Directives\n\n| directive | on | meaning |\n| --- | --- | --- |\n")
	for _, v := range verbTable {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", v.form, v.target, v.does)
	}
	keyTable(&b, "Names and keys", func(k Key) bool { return k.Fits(Event) || k.Fits(Every) || k.Fits(State) })
	keyTable(&b, "Policy keys of organs and handlers", func(k Key) bool { return k.Fits(Handle) })
	keyTable(&b, "Policy keys of organs alone", func(k Key) bool { return k.Fits(Organ) && !k.Fits(Handle) && !k.Fits(Event) })
	return b.String()
}

// keyTable writes the keys of a kind.
func keyTable(b *strings.Builder, title string, of func(Key) bool) {
	fmt.Fprintf(b, "\n## %s\n\n| key | on | default | at run time | meaning |\n| --- | --- | --- | --- | --- |\n", title)
	for _, k := range keys {
		if !of(k) {
			continue
		}
		option := "-"
		if k.Option != "" {
			option = "`necro." + k.Option + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", k.Form, strings.Join(k.Verbs, ", "), k.Default, option, k.Does)
	}
}
