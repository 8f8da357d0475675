package rule

import (
	"fmt"
	"strconv"
	"strings"
)

// Document is the table of docs/validation.md: for each group of rules how each is written, on which values, the
// text of a violation, and remarks.
func Document() string {
	var b strings.Builder
	var last Group
	for _, r := range all {
		if r.Group != last {
			fmt.Fprintf(&b, "\n### %s\n\n| rule | on | a violation says | |\n| --- | --- | --- | --- |\n", r.Group)
			last = r.Group
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", tableCell(r.Example()), r.Fits(), tableCell(r.exampleSays()), tableCell(r.Note))
	}
	return b.String()
}

// tableCell keeps a bar from ending a cell of a Markdown table.
func tableCell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// examples are parameters, as one writes them.
var examples = map[Param]string{
	Size: "3", Value: "3", Literal: "ORD-", Char: "/", Words: "red green", Path: "Other", Paths: "Other Third",
	Pairs: "Status paid", Layout: "2006-01-02", Variable: "orderCode",
}

// Example is the rule as it stands in a tag, with a parameter that it may have.
func (r *Rule) Example() string {
	if param := examples[r.Param]; param != "" {
		return r.Name + "=" + param
	}
	return r.Name
}

// exampleSays is what a violation of the example says.
func (r *Rule) exampleSays() string {
	param := examples[r.Param]
	switch r.Param {
	case Literal, Char:
		param = strconv.Quote(param)
	case Words:
		param = strings.ReplaceAll(param, " ", ", ")
	}
	return strings.NewReplacer("{param}", param, "{field}", "other", "{when}", r.exampleWhen()).Replace(r.Says)
}

// exampleWhen is the condition of the example.
func (r *Rule) exampleWhen() string {
	_, suffix, _ := strings.Cut(r.Name, "_")
	switch suffix {
	case "with":
		return "other or third is set"
	case "with_all":
		return "other and third are set"
	case "without":
		return "other or third is not set"
	case "without_all":
		return "other and third are not set"
	}
	return `status is "paid"`
}
