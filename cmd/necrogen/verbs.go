package main

import (
	"flag"
	"fmt"
	"strings"
)

// verb is one thing that necrogen does, and what help tells of it.
type verb struct {
	name  string
	words string // the words behind it on the command line
	most  int    // how many words it takes; any number when negative
	short string // one line
	long  string
	flags func(*options, *flag.FlagSet)
	run   func(c *command, words []string) int
}

// verbs returns all verbs, in the order of their help.
func verbs() []verb {
	return []verb{
		{
			"generate", "[packages]", -1, "generate; the default is the package in this folder",
			generateHelp, generateFlags, (*command).generateFiles,
		},
		{
			"check", "[packages]", -1, "verify rules and generated files; writes nothing",
			checkHelp, checkFlags, (*command).checkFiles,
		},
		{
			"vet", "[packages]", -1, "find mistakes in handlers that compile",
			vetHelp, vetFlags, (*command).runAnalyzers,
		},
		{
			"watch", "[packages]", -1, "generate, and again whenever a file is saved",
			watchHelp, nil, (*command).watchFiles,
		},
		{
			"init", "[folder]", 1, "write a first program, with tests",
			initHelp, initFlags, (*command).init,
		},
		{
			"graph", "[packages]", -1, "draw events, organs and the flow between them",
			graphHelp, graphFlags, (*command).drawGraph,
		},
		{
			"docs", "[packages]", -1, "write a page about all events and organs",
			docsHelp, titleFlag, (*command).writeCatalogue,
		},
		{
			"asyncapi", "[packages]", -1, "write an AsyncAPI document",
			asyncapiHelp, asyncapiFlags, (*command).writeAsyncAPI,
		},
		{
			"topology", "[packages]", -1, "describe the release, for necroctl prove",
			topologyHelp, topologyFlags, (*command).writeTopology,
		},
		{
			"schedules", "[packages]", -1, "print when the schedules of events fire next",
			schedulesHelp, schedulesFlags, (*command).printSchedules,
		},
		{
			"saga", "NAME [packages]", -1, "print what was proven of a saga",
			sagaHelp, nil, (*command).printSaga,
		},
		{
			"lock", "[packages]", -1, "release events: from now on a change that breaks readers is an error",
			lockHelp, lockFlags, (*command).lockEvents,
		},
		{
			"breaking", "[packages]", -1, "compare events with those of a git revision",
			breakingHelp, breakingFlags, (*command).compareLocks,
		},
		{
			"explain", "[code…]", -1, "explain a diagnostic; without a code, list all codes",
			explainHelp, nil, (*command).explainCodes,
		},
		{
			"completion", "shell", 1, "print completions for bash, zsh or fish",
			completionHelp, nil, (*command).printCompletion,
		},
		{
			"version", "", 0, "print the version",
			"It prints the version of necrogen, and of the Go that built it.\n", nil, (*command).version,
		},
		{
			"help", "[verb]", 1, "describe a verb",
			"It tells what a verb does, which flags it has, and its exit codes.\n", nil, (*command).showHelp,
		},
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

func checkFlags(o *options, flags *flag.FlagSet) {
	jsonFlag(o, flags)
	flags.BoolVar(&o.info, "info", false, "also list the handled events that no handler emits")
	flags.Uint64Var(&o.maxDepth, "max-depth", 0, "the most hops that a chain may have; 0 for any number")
	flags.Uint64Var(&o.maxFanOut, "max-fanout", 0, "the most events that a published one may become; 0 for any number")
}

func jsonFlag(o *options, flags *flag.FlagSet) {
	flags.BoolVar(&o.json, "json", false, "write diagnostics as a JSON array on stdout")
}

// callForm is how a verb is called. The first verb goes without saying.
func (v *verb) callForm() string {
	call := "necrogen"
	if v.name != "generate" {
		call += " " + v.name
	}
	return strings.TrimSuffix(call+" "+v.words, " ")
}

// usageForm is call with a place for flags.
func (v *verb) usageForm() string {
	if v.flags == nil {
		return v.callForm()
	}
	return strings.TrimSuffix(strings.TrimSuffix(v.callForm(), v.words)+"[flags] "+v.words, " ")
}

// wordCount says how many words a verb takes.
func (v *verb) wordCount() string {
	switch v.most {
	case 0:
		return "no arguments"
	case 1:
		return "one argument"
	}
	return fmt.Sprintf("at most %d arguments", v.most)
}
