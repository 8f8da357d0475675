package main

import (
	"fmt"

	"github.com/necrostack/necrogen/internal/cli/arguments"
	"github.com/necrostack/necrogen/internal/spelling"
)

// showHelp tells about one verb, or about all.
func (c *command) showHelp(words []string) int {
	if len(words) == 0 {
		c.showOverview()
		return exitDone
	}
	v := findVerb(words[0])
	if v == nil {
		return c.tellFailure(fmt.Errorf("there is no verb %q%s", words[0], didYouMean(words[0])))
	}
	return c.helpVerb(v)
}

// didYouMean names the verb that was probably meant.
func didYouMean(word string) string {
	if near := spelling.Nearest(word, verbNames()); near != "" {
		return fmt.Sprintf("; did you mean %s?", near)
	}
	return "; necrogen help lists the verbs"
}

// showOverview tells of all verbs.
func (c *command) showOverview() {
	fmt.Fprint(c.stdout, "necrogen turns annotated Go structs and methods into dispatch tables, validators and codecs.\n\n"+
		"Usage:\n")
	for _, v := range verbs() {
		fmt.Fprintf(c.stdout, "\t%-30s%s\n", v.callForm(), v.short)
	}
	fmt.Fprint(c.stdout, "\nPackages are named as for go build: ./... are those of this folder and below.\n"+
		"\"necrogen help check\" describes the verb check; every verb has such a page.\n")
}

// helpVerb tells about one verb.
func (c *command) helpVerb(v *verb) int {
	fmt.Fprintf(c.stdout, "Usage: %s\n\n%s", v.usageForm(), v.long)
	if v.flags != nil {
		fmt.Fprintln(c.stdout, "\nFlags:")
		arguments.Print(c.stdout, c.verbFlags(v))
	}
	return exitDone
}
