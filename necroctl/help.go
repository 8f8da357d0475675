package necroctl

import (
	"fmt"
	"strings"

	"github.com/necrostack/necrogen/internal/cli/arguments"
	"github.com/necrostack/necrogen/internal/spelling"
)

// showHelp tells about one verb, or about all.
func (r *run) showHelp(words []string) int {
	if len(words) == 0 {
		return r.showOverview()
	}
	if v := findVerb(strings.Join(words, " ")); v != nil {
		return r.helpVerb(v)
	}
	return r.tellFailure(r.noVerb(words))
}

// noVerb names the verb that was probably meant, or those that begin like this.
func (r *run) noVerb(words []string) error {
	var family []string
	for _, name := range verbNames() {
		if strings.HasPrefix(name, words[0]+" ") {
			family = append(family, name)
		}
	}
	if len(family) > 0 {
		return fmt.Errorf("need one of: %s", strings.Join(family, ", "))
	}
	if near := spelling.Nearest(words[0], verbNames()); near != "" {
		return fmt.Errorf("there is no verb %q; did you mean %s?", words[0], near)
	}
	return fmt.Errorf("there is no verb %q; %s help lists the verbs", words[0], r.name)
}

// showOverview tells of all verbs.
func (r *run) showOverview() int {
	fmt.Fprintf(r.out, "%s shows the events, organs and dead letters of a backend, and repairs them.\n\nUsage:\n", r.name)
	for _, v := range verbs() {
		fmt.Fprintf(r.out, "\t%-32s%s\n", r.callForm(&v), v.short)
	}
	fmt.Fprintf(r.out, "\n\"%s help organs\" describes the verb organs; every verb has such a page.\n", r.name)
	return ExitDone
}

// helpVerb tells about one verb.
func (r *run) helpVerb(v *verb) int {
	fmt.Fprintf(r.out, "Usage: %s\n\n%s", r.usageForm(v), strings.ReplaceAll(v.long, "necroctl", r.name))
	if len(r.flagNames(v)) > 0 {
		fmt.Fprintln(r.out, "\nFlags:")
		arguments.Print(r.out, r.verbFlags(v))
	}
	return ExitDone
}

// callForm returns the form of a call: the program, the verb and its words.
func (r *run) callForm(v *verb) string {
	return strings.TrimSuffix(r.name+" "+v.name+" "+v.words, " ")
}

// usageForm is callForm with a place for flags.
func (r *run) usageForm(v *verb) string {
	if len(r.flagNames(v)) == 0 {
		return r.callForm(v)
	}
	return strings.TrimSuffix(r.name+" "+v.name+" [flags] "+v.words, " ")
}
