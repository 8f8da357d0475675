package necroctl

import (
	"flag"
	"fmt"

	"github.com/necrostack/necrogen/internal/cli/completion"
)

// printCompletion prints what a shell has to run.
func (r *run) printCompletion(words []string) int {
	c := completion.Command{Name: r.name}
	for _, v := range verbs() {
		c.Verbs = append(c.Verbs, completion.Verb{Name: v.name, Short: v.short, Offers: r.flagNames(&v)})
	}
	for i := range c.Verbs {
		switch v := &c.Verbs[i]; v.Name {
		case "help":
			v.Offers = append(v.Offers, c.FirstWords()...)
		case "completion":
			v.Offers = append(v.Offers, completion.Shells()...)
		}
	}
	script, err := c.Script(words[0])
	if err != nil {
		return r.tellMisuse(err)
	}
	fmt.Fprint(r.out, script)
	return ExitDone
}

// flagNames are the flags of a verb.
func (r *run) flagNames(v *verb) (names []string) {
	r.verbFlags(v).VisitAll(func(f *flag.Flag) { names = append(names, "-"+f.Name) })
	return names
}
