package main

import (
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/cli/completion"
	"github.com/necrostack/necrogen/internal/gen/diag"
)

// printCompletion prints what a shell has to run.
func (c *command) printCompletion(words []string) int {
	all := completion.Command{Name: "necrogen", Folders: true}
	for _, v := range verbs() {
		all.Verbs = append(all.Verbs, completion.Verb{Name: v.name, Short: v.short, Offers: c.completionWords(&v)})
	}
	script, err := all.Script(strings.Join(words, " "))
	if err != nil {
		return c.tellMisuse(findVerb("completion"), err)
	}
	fmt.Fprint(c.stdout, script)
	return exitDone
}

// completionWords are what may follow a verb: its flags, and the words that it knows.
func (c *command) completionWords(v *verb) (words []string) {
	c.verbFlags(v).VisitAll(func(f *flag.Flag) { words = append(words, "-"+f.Name) })
	switch v.words {
	case "[packages]":
		words = append(words, "./...")
	case "[verb]":
		words = append(words, verbNames()...)
	case "[code…]":
		for _, code := range slices.Sorted(slices.Values(diag.Codes())) {
			words = append(words, string(code))
		}
	case "shell":
		words = append(words, completion.Shells()...)
	}
	return words
}
