package necroctl

import (
	"errors"
	"flag"
	"fmt"
	"strings"
)

// completion prints what a shell has to run.
func (r *run) completion(words []string) int {
	switch strings.Join(words, " ") {
	case "bash":
		fmt.Fprint(r.out, r.bash())
	case "zsh":
		fmt.Fprint(r.out, "autoload -U +X bashcompinit && bashcompinit\n", r.bash())
	case "fish":
		fmt.Fprint(r.out, r.fish())
	default:
		return r.misuse(errors.New("completion is for bash, zsh and fish"))
	}
	return ExitDone
}

// program is what the shell completes: the first word of a name of several.
func (r *run) program() (program string, depth int) {
	words := strings.Fields(r.name)
	return words[0], len(words)
}

// bash offers verbs, the second words of those that have one, then flags and words that are known.
func (r *run) bash() string {
	program, depth := r.program()
	var b strings.Builder
	fmt.Fprintf(&b, "_necroctl() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} words=\n\tcase \"${COMP_WORDS[*]:%d:COMP_CWORD-%d}\" in\n", depth, depth)
	fmt.Fprintf(&b, "\t'') words=\"%s\" ;;\n", strings.Join(firstWords(), " "))
	for _, first := range firstWords() {
		if seconds := secondWords(first); len(seconds) > 0 {
			fmt.Fprintf(&b, "\t%s) words=\"%s\" ;;\n", first, strings.Join(seconds, " "))
		}
	}
	for _, v := range verbs() {
		fmt.Fprintf(&b, "\t'%s'|'%s '*) words=\"%s\" ;;\n", v.name, v.name, strings.Join(r.offers(&v), " "))
	}
	fmt.Fprintf(&b, "\tesac\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\ncomplete -F _necroctl %s\n", program)
	return b.String()
}

// fish shows what a verb does beside it.
func (r *run) fish() string {
	program, _ := r.program()
	var b strings.Builder
	for _, first := range firstWords() {
		if v := findVerb(first); v != nil {
			fmt.Fprintf(&b, "complete -c %s -f -n __fish_use_subcommand -a %s -d '%s'\n", program, first, v.short)
			continue
		}
		fmt.Fprintf(&b, "complete -c %s -f -n __fish_use_subcommand -a %s\n", program, first)
		seconds := secondWords(first)
		for _, second := range seconds {
			fmt.Fprintf(&b, "complete -c %s -f -n '__fish_seen_subcommand_from %s; and not __fish_seen_subcommand_from %s' -a %s -d '%s'\n",
				program, first, strings.Join(seconds, " "), second, findVerb(first+" "+second).short)
		}
	}
	for _, v := range verbs() {
		if offers := r.offers(&v); len(offers) > 0 {
			words := strings.Fields(v.name)
			fmt.Fprintf(&b, "complete -c %s -f -n '__fish_seen_subcommand_from %s' -a '%s'\n", program, words[len(words)-1], strings.Join(offers, " "))
		}
	}
	return b.String()
}

// firstWords are the first words of verbs, each once.
func firstWords() (words []string) {
	for _, name := range verbNames() {
		first, _, _ := strings.Cut(name, " ")
		if len(words) == 0 || words[len(words)-1] != first {
			words = append(words, first)
		}
	}
	return words
}

// secondWords are what may follow a first one.
func secondWords(first string) (words []string) {
	for _, name := range verbNames() {
		if second, ok := strings.CutPrefix(name, first+" "); ok {
			words = append(words, second)
		}
	}
	return words
}

// offers are what may follow a verb: its flags, and the words that it knows.
func (r *run) offers(v *verb) (words []string) {
	r.flags(v).VisitAll(func(f *flag.Flag) { words = append(words, "-"+f.Name) })
	switch v.words {
	case "[verb]":
		words = append(words, firstWords()...)
	case "shell":
		words = append(words, "bash", "zsh", "fish")
	}
	return words
}

func hasFlags(flags *flag.FlagSet) (has bool) {
	flags.VisitAll(func(*flag.Flag) { has = true })
	return has
}
