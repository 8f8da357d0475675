package main

const generateHelp = `It writes necro_gen.go for each package with //necro: declarations, and necro_gen_test.go for what
its test files declare: all of them or, when anything is wrong, none. Files whose bytes would not
change are left alone.

	necrogen              the package in this folder
	necrogen ./...        all packages of this folder and below
	go generate ./...     the same, through the lines "//go:generate go tool necrogen"

Exit codes: 0 done, 1 something is wrong with the source, 2 could not run.
`

const checkHelp = `It writes nothing. It prints what is wrong with the source, and as a unified diff what generating
would change: files that are missing, stale or orphaned.

	necrogen check ./...          in continuous integration
	necrogen check -json ./...    for an editor

	necrogen check -max-depth 8 -max-fanout 1000 ./...

fails as well when a chain can have more than eight hops, or a published event become more than a
thousand others. A list, []X or necro.Emit[X], counts as 10,000 events, which is how many one call
may emit, or as many as the lists of the handled event have elements where rules such as max=50
bound all of them; a circle as what its maxhops allows.

In Go tests, necrotest.Check(t) does it.

Exit codes: 0 clean, 1 something is stale or wrong, 2 could not run.
`

const vetHelp = `It finds mistakes that compile: handlers that write to their event, start goroutines that outlive
them, emit elsewhere or publish, and organs whose state is not safe. It looks at test files, too.

	necrogen vet ./...          in continuous integration
	necrogen vet -fix ./...     mends what can surely be mended, and prints the rest
	necrogen vet -json ./...    for an editor

As one of the tools of go vet, which takes its flags:

	go vet -vettool=$(go tool -n necrogen) ./...

A comment silences one finding on the line below it:

	//lint:ignore necro/publish it goes to the spine of another topology

Exit codes: 0 clean, 1 something is found, 2 could not run.
`

const watchHelp = `It generates at once, and again whenever a Go file or a go.mod of the module, or of the workspace, is
saved. It prints mistakes and goes on, and a line for each time with how long it took. Ctrl-C ends it.

	necrogen watch ./...

Exit codes: 0 interrupted, 2 could not run.
`

const initHelp = `It writes a program with an event, an organ, and tests, of which one finds stale generated code, and
adds necrogen to go.mod as a requirement and as a tool. It overwrites nothing: when there are Go files
in the folder already, or anything else fails, it leaves the folder as it was. With -service it writes a service
in place of that: main.go with service.Run, a Dockerfile, compose.yaml, and in deploy a unit of systemd, the
objects of Kubernetes, a dashboard for Grafana and alerts for Prometheus. Files of these names are in its way, too.

	necrogen init                                 in this folder, which belongs to a module
	necrogen init hello                           in another folder of the module
	necrogen init -module example.com/hello       begins a module here
	necrogen init -service shop                   a service; begins the module example.com/shop where there is none

Without a network it works when go.mod requires necrogen already, or replaces it by a folder.

Exit codes: 0 done, 2 something is in the way, or it could not run.
`

const graphHelp = `It draws a topology on stdout: events, the methods that take them, and what those emit. Without packages
it draws all of this folder and below.

	necrogen graph > topology.mmd                   Mermaid, as GitHub shows it
	necrogen graph -format dot | dot -Tsvg          Graphviz makes an SVG of it
	necrogen graph -format svg > topology.svg       a drawing for any page, with a box for each organ
	necrogen graph -format json ./shop              for programs
	necrogen graph -chain ORDER_PLACED              what descends from one event

Exit codes: 0 done, 1 something is wrong with the source, 2 could not run.
`

const docsHelp = `It writes a Markdown page on stdout: a picture, the chains with their bounds, every event with its fields
and rules, and every organ, with what their comments say. Without packages it is about all of this
folder and below.

	necrogen docs -title "The shop" > EVENTS.md

Exit codes: 0 done, 1 something is wrong with the source, 2 could not run.
`

const asyncapiHelp = `It writes an AsyncAPI 3.0 document on stdout, as JSON: a channel for each event, its payload as JSON Schema
with the validation rules, and an operation for each handler and what it emits. Without packages it
is about all of this folder and below.

	necrogen asyncapi -title "The shop" -version 1.2.0 > asyncapi.json

Exit codes: 0 done, 1 something is wrong with the source, 2 could not run.
`

const topologyHelp = `It writes a release as JSON, on stdout or to the file of -o: its events with their versions and aliases, its organs with
what they handle and emit and how they are ordered, states and schedules. necroctl prove compares it with a running system before
the release is deployed. Without packages it is about all of this folder and below. A program writes the same of its own
organs with package runtime/topology.

	necrogen topology -o topology.json
	necroctl prove topology.json

Exit codes: 0 done, 1 something is wrong with the source, 2 could not run.
`

const schedulesHelp = `It prints each event with a //necro:every comment on stdout, with the next times at which it is published. Without
packages it is about all of this folder and below. It tells, too, which of the times of the next year a
change of the clock touches.

	necrogen schedules                                        the next five runs of each
	necrogen schedules -n 12 ./shop                           the next twelve
	necrogen schedules -from 2026-03-28T00:00:00Z             those behind a time

Exit codes: 0 done, 1 something is wrong with the source, 2 could not run.
`

const sagaHelp = `It prints what was proven of a saga, an organ whose state says //necro:state saga, on stdout: for each event
that it handles its commands with what answers them, its timers and undos, and whether it ends. NAME is the organ's or the
name of its state. Without packages it is about all of this folder and below.

	necrogen saga shop.Fulfilment
	necrogen saga Order ./shop

Exit codes: 0 done, 1 something is wrong with the source, 2 could not run.
`

const lockHelp = `It writes necro.lock beside the generated file of each package: name, version, key, fields, types and
rules of every event, as they are now. From then on necrogen compares. An addition only changes the
file; a change that would break readers is an error, which names them and the ways out: an alias, a
new version with //necro:upcast, or

	necrogen lock -accept "nobody has stored one yet" ./shop

which accepts the change and keeps the reason in the file. Commit the file. What a proof of a saga does not find is
accepted one by one, by its code or a part of its text:

	necrogen lock -accept "nothing waits for it" -finding "Place emits NOTE" ./shop

Exit codes: 0 done, 1 something would break or is wrong with the source, 2 could not run.
`

const breakingHelp = `It compares the events with the necro.lock files of a git revision, and prints what would break. It writes
nothing. Changes that were accepted since do not count. Below ./... it finds packages that are gone, too, and
events that have moved to another package.

	necrogen breaking -against v1.2.0 ./...

Exit codes: 0 nothing breaks, 1 something does, 2 could not run, or there was nothing to compare with.
`

const explainHelp = `It prints why a diagnostic is one, with Go that is wrong and Go that is right.

	necrogen explain NC012
	necrogen explain 12     the same
	necrogen explain        the list of all codes

Exit codes: 0 done, 2 there is no such code.
`

const completionHelp = `It prints what makes a shell complete verbs, flags and codes.

	source <(necrogen completion bash)                                     in ~/.bashrc
	source <(necrogen completion zsh)                                      in ~/.zshrc, after compinit
	necrogen completion fish > ~/.config/fish/completions/necrogen.fish    once
`
