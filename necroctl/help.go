package necroctl

import (
	"fmt"
	"strings"

	"github.com/necrostack/necrogen/internal/cli/arguments"
	"github.com/necrostack/necrogen/internal/spelling"
)

// help tells about one verb, or about all.
func (r *run) help(words []string) int {
	if len(words) == 0 {
		return r.overview()
	}
	if v := findVerb(strings.Join(words, " ")); v != nil {
		return r.helpVerb(v)
	}
	return r.fail(r.noVerb(words))
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

// overview tells of all verbs.
func (r *run) overview() int {
	fmt.Fprintf(r.out, "%s shows what events, organs and dead letters are in Redis, and mends.\n\nUsage:\n", r.name)
	for _, v := range verbs() {
		fmt.Fprintf(r.out, "\t%-32s%s\n", r.call(&v), v.short)
	}
	fmt.Fprintf(r.out, "\n\"%s help organs\" tells more of organs, and so on.\n", r.name)
	return ExitDone
}

// helpVerb tells about one verb.
func (r *run) helpVerb(v *verb) int {
	fmt.Fprintf(r.out, "Usage: %s\n\n%s", r.usage(v), strings.ReplaceAll(v.long, "necroctl", r.name))
	if len(r.flagNames(v)) > 0 {
		fmt.Fprintln(r.out, "\nFlags:")
		arguments.Print(r.out, r.flags(v))
	}
	return ExitDone
}

// call is how a verb is called.
func (r *run) call(v *verb) string {
	return strings.TrimSuffix(r.name+" "+v.name+" "+v.words, " ")
}

// usage is call with a place for flags.
func (r *run) usage(v *verb) string {
	if len(r.flagNames(v)) == 0 {
		return r.call(v)
	}
	return strings.TrimSuffix(r.name+" "+v.name+" [flags] "+v.words, " ")
}
