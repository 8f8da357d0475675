// Package completion writes what makes a shell complete the verbs, flags and words of a command.
package completion

import (
	"errors"
	"fmt"
	"strings"
)

// Command is what a shell completes.
type Command struct {
	// Name is how the user calls it: one word, or several when it is a part of a program.
	Name  string
	Verbs []Verb
	// Folders stand where nothing else fits.
	Folders bool
}

// Verb is one of a command's verbs. Those of a family, which have a first word in common, stand
// together.
type Verb struct {
	Name   string   // one word, or two
	Short  string   // its purpose, in a line
	Offers []string // flags, and words that it knows
}

// Shells are those that Script knows.
func Shells() []string { return []string{"bash", "zsh", "fish"} }

// Script returns what a shell has to run.
func (c *Command) Script(shell string) (string, error) {
	switch shell {
	case "bash":
		return c.writeBash(), nil
	case "zsh":
		return "autoload -U +X bashcompinit && bashcompinit\n" + c.writeBash(), nil
	case "fish":
		return c.writeFish(), nil
	}
	return "", errors.New("completion is for bash, zsh and fish")
}

// programName returns the name of the program that the shell completes, and how many words stand before the verb.
func (c *Command) programName() (program string, depth int) {
	words := strings.Fields(c.Name)
	return words[0], len(words)
}

// writeBash offers verbs, the second words of those that have one, then flags and words that are known.
func (c *Command) writeBash() string {
	program, depth := c.programName()
	function := "_" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, c.Name)
	var b strings.Builder
	fmt.Fprintf(&b, "%s() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} words=\n\tcase \"${COMP_WORDS[*]:%d:COMP_CWORD-%d}\" in\n", function, depth, depth)
	fmt.Fprintf(&b, "\t'') words=\"%s\" ;;\n", strings.Join(c.FirstWords(), " "))
	for _, first := range c.FirstWords() {
		if seconds := c.secondWords(first); len(seconds) > 0 {
			fmt.Fprintf(&b, "\t%s) words=\"%s\" ;;\n", first, strings.Join(seconds, " "))
		}
	}
	for _, v := range c.Verbs {
		fmt.Fprintf(&b, "\t'%s'|'%s '*) words=\"%s\" ;;\n", v.Name, v.Name, strings.Join(v.Offers, " "))
	}
	b.WriteString("\tesac\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n")
	if c.Folders {
		b.WriteString("\t[ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -d -- \"$cur\"))\n")
	}
	fmt.Fprintf(&b, "}\ncomplete -F %s %s\n", function, program)
	return b.String()
}

// writeFish shows what a verb does beside it.
func (c *Command) writeFish() string {
	program, _ := c.programName()
	complete := "complete -c " + program
	if !c.Folders {
		complete += " -f" // no files
	}
	var b strings.Builder
	told := ""
	for _, v := range c.Verbs {
		first, second, family := strings.Cut(v.Name, " ")
		if !family {
			fmt.Fprintf(&b, "%s -n __fish_use_subcommand -a %s -d '%s'\n", complete, first, v.Short)
			continue
		}
		if first != told {
			fmt.Fprintf(&b, "%s -n __fish_use_subcommand -a %s\n", complete, first)
		}
		told = first
		fmt.Fprintf(&b, "%s -n '__fish_seen_subcommand_from %s; and not __fish_seen_subcommand_from %s' -a %s -d '%s'\n",
			complete, first, strings.Join(c.secondWords(first), " "), second, v.Short)
	}
	for _, v := range c.Verbs {
		if len(v.Offers) > 0 {
			words := strings.Fields(v.Name)
			fmt.Fprintf(&b, "%s -n '__fish_seen_subcommand_from %s' -a '%s'\n", complete, words[len(words)-1], strings.Join(v.Offers, " "))
		}
	}
	return b.String()
}

// FirstWords are the first words of verbs, each once.
func (c *Command) FirstWords() (words []string) {
	for _, v := range c.Verbs {
		first, _, _ := strings.Cut(v.Name, " ")
		if len(words) == 0 || words[len(words)-1] != first {
			words = append(words, first)
		}
	}
	return words
}

// secondWords are what may follow a first one.
func (c *Command) secondWords(first string) (words []string) {
	for _, v := range c.Verbs {
		if second, ok := strings.CutPrefix(v.Name, first+" "); ok {
			words = append(words, second)
		}
	}
	return words
}
