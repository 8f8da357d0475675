package necroctl

import (
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
)

// verb is one thing that necroctl does, and what help tells of it.
type verb struct {
	name  string // one word, or two
	words string // the words behind the verb on the command line
	least int    // how many words it takes
	most  int    // any number when negative
	local bool   // it needs no backend
	short string // one line
	long  string
	flags func(*options, *flag.FlagSet)
	run   func(r *run, words []string) int
}

// verbs returns all verbs, in the order of their help. Those of a family stand together.
func verbs() []verb {
	return []verb{
		{"organs", "", 0, 0, false, "show organs: waiting deliveries, consumers, pauses", organsHelp, outputFlag, (*run).listOrgans},
		{"events", "", 0, 0, false, "show events: how many wait, are parked, and for whom", eventsHelp, eventsFlags, (*run).listEvents},
		{"tail", "", 0, 0, false, "show events as they are stored", tailHelp, tailFlags, (*run).followEvents},
		{"chain", "ID", 1, 1, false, "show the stored events of a chain, as a tree", chainHelp, chainFlags, (*run).showChain},
		{"doctor", "", 0, 0, false, "look for settings and states that endanger the guarantees", doctorHelp, outputFlag, (*run).diagnoseBackend},
		{"prove", "TOPOLOGY…", 1, -1, false, "prove that a release can go on with what is stored", proveHelp, proveFlags, (*run).proveRelease},
		{"snapshot", "", 0, 0, false, "save what prove needs to know of a running system", snapshotHelp, snapshotFlags, (*run).takeSnapshot},
		{"dead ls", "", 0, 0, false, "list dead letters", deadLsHelp, deadLsFlags, (*run).deadLs},
		{"dead show", "ID…", 1, -1, false, "show dead letters as a whole", deadShowHelp, outputFlag, (*run).deadShow},
		{"dead redrive", "[ID…]", 0, -1, false, "store dead letters again, for one more try", deadRedriveHelp, deadRedriveFlags, (*run).deadRedrive},
		{"dead edit", "ID [JSON]", 1, 2, false, "store a dead letter again with another payload", deadEditHelp, deadEditFlags, (*run).deadEdit},
		{"dead discard", "[ID…]", 0, -1, false, "delete dead letters for good", deadDiscardHelp, deadFlags, (*run).deadDiscard},
		{"scheduled ls", "", 0, 0, false, "list events that wait for their time", scheduledLsHelp, scheduledLsFlags, (*run).listScheduled},
		{"scheduled run", "ID…", 1, -1, false, "make events due now that wait for their time", scheduledRunHelp, scheduledFlags, (*run).runScheduled},
		{"scheduled cancel", "ID…", 1, -1, false, "delete events that wait for their time", scheduledCancelHelp, scheduledFlags, (*run).cancelScheduled},
		{"schedules", "", 0, 0, false, "list the events that are published by themselves, and when", schedulesHelp, outputFlag, (*run).listSchedules},
		{"pause", "ORGAN", 1, 1, false, "stop deliveries to an organ in all processes", pauseHelp, pauseFlags, (*run).pauseOrgan},
		{"resume", "ORGAN", 1, 1, false, "end a pause", resumeHelp, nil, (*run).resumeOrgan},
		{"publish", "EVENT [JSON]", 1, 2, false, "publish an event from JSON", publishHelp, publishFlags, (*run).publishEvent},
		{"console", "", 0, 0, false, "show all this as web pages", consoleHelp, consoleFlags, (*run).serveConsole},
		{"remove-organ", "ORGAN", 1, 1, false, "delete an organ, with everything that is stored for it", removeHelp, removeFlags, (*run).removeOrgan},
		{"schema", "ENGINE", 1, 1, true, "print the SQL that makes the tables of an engine", schemaHelp, schemaFlags, (*run).printSchema},
		{"completion", "shell", 1, 1, true, "print completions for bash, zsh or fish", completionHelp, nil, (*run).printCompletion},
		{"version", "", 0, 0, true, "print the version", versionHelp, nil, (*run).tellVersion},
		{"help", "[verb]", 0, 2, true, "describe a verb", helpHelp, nil, (*run).showHelp},
	}
}

// findVerb returns the verb with that name, or nil.
func findVerb(name string) *verb {
	for _, v := range verbs() {
		if v.name == name {
			return &v
		}
	}
	return nil
}

// verbNames are what a misspelt verb is compared with.
func verbNames() []string {
	var names []string
	for _, v := range verbs() {
		names = append(names, v.name)
	}
	return names
}

// wordCount says how many words a verb takes.
func (v *verb) wordCount() string {
	switch {
	case v.most == 0:
		return "no arguments"
	case v.least == 1 && v.most == 1:
		return "one argument: " + v.words
	case v.most < 0:
		return "at least one argument: " + v.words
	}
	return fmt.Sprintf("%d to %d arguments", v.least, v.most)
}

// tellVersion prints the version of the module that this package is of.
func (r *run) tellVersion([]string) int {
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range append(info.Deps, &info.Main) {
			if m.Path == "github.com/necrostack/necrogen" && m.Version != "" {
				version = m.Version
			}
		}
	}
	fmt.Fprintf(r.out, "%s %s (%s, %s/%s)\n", r.name, version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return ExitDone
}
