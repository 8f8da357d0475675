package main

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/diag"
)

// completion prints what a shell has to run.
func (c *command) completion(words []string) int {
	shell := ""
	if len(words) > 0 {
		shell = words[0]
	}
	switch shell {
	case "bash":
		fmt.Fprint(c.stdout, c.bash())
	case "zsh":
		fmt.Fprint(c.stdout, "autoload -U +X bashcompinit && bashcompinit\n", c.bash())
	case "fish":
		fmt.Fprint(c.stdout, c.fish())
	default:
		return c.misuse(findVerb("completion"), errors.New("completion is for bash, zsh and fish"))
	}
	return exitDone
}

// bash offers verbs, then the flags and words of the verb, and else folders.
func (c *command) bash() string {
	var b strings.Builder
	fmt.Fprintf(&b, "_necrogen() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} words=\"%s\"\n", strings.Join(verbNames(), " "))
	b.WriteString("\t[ \"$COMP_CWORD\" -gt 1 ] && case ${COMP_WORDS[1]} in\n")
	for _, v := range verbs() {
		fmt.Fprintf(&b, "\t%s) words=\"%s\" ;;\n", v.name, strings.Join(c.offers(&v), " "))
	}
	b.WriteString("\t*) words= ;;\n\tesac\n" +
		"\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n" +
		"\t[ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -d -- \"$cur\"))\n" +
		"}\ncomplete -F _necrogen necrogen\n")
	return b.String()
}

// fish shows what a verb does beside it.
func (c *command) fish() string {
	var b strings.Builder
	for _, v := range verbs() {
		fmt.Fprintf(&b, "complete -c necrogen -n __fish_use_subcommand -a %s -d '%s'\n", v.name, v.short)
		if offers := c.offers(&v); len(offers) > 0 {
			fmt.Fprintf(&b, "complete -c necrogen -n '__fish_seen_subcommand_from %s' -a '%s'\n", v.name, strings.Join(offers, " "))
		}
	}
	return b.String()
}

// offers are what may follow a verb: its flags, and the words that it knows.
func (c *command) offers(v *verb) (words []string) {
	c.flags(v).VisitAll(func(f *flag.Flag) { words = append(words, "-"+f.Name) })
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
		words = append(words, "bash", "zsh", "fish")
	}
	return words
}
