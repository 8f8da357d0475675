// Command necrogen turns annotated Go structs and methods into dispatch tables, validators and
// msgpack codecs.
//
//	necrogen [packages]          generates; the default is the package in this folder
//	necrogen check [packages]    verifies rules and generated files, and writes nothing
//	necrogen vet [packages]      finds mistakes in handlers that compile
//	necrogen init [folder]       writes a first program
//	necrogen watch [packages]    generates again whenever a file is saved
//	necrogen graph [packages]    draws events and organs
//	necrogen docs [packages]     writes a page about them
//	necrogen asyncapi [packages] writes an AsyncAPI document
//	necrogen topology [packages] describes the release, for necroctl prove
//	necrogen schedules [packages] prints when the schedules of events fire next
//	necrogen saga NAME [packages] prints what was proven of a saga
//	necrogen lock [packages]     releases events: what breaks a reader is an error from now on
//	necrogen breaking [packages] compares events with those of a git revision
//	necrogen explain [code…]     tells what a diagnostic means, with an example
//	necrogen completion shell    prints completions for bash, zsh or fish
//	necrogen version             prints the version
//	necrogen help [verb]         tells more
//
// Exit codes of generate: 0 done, 1 something is wrong with the source, 2 could not run. Of
// check and vet: 0 clean, 1 something is stale or wrong, 2 could not run.
//
//	command.go    finds the verb and reads its flags
//	verbs.go      the verbs: what help tells of them
//	generate.go   generate and check; every other verb is a file of its own, but for
//	pictures.go   graph, docs and asyncapi
package main

import (
	"context"
	"os"
	"os/signal"
)

func main() {
	vetTool(os.Args[1:])
	os.Exit(run())
}

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	dir, err := os.Getwd()
	c := &command{ctx: ctx, dir: dir, stdout: os.Stdout, stderr: os.Stderr}
	if err != nil {
		return c.tellFailure(err)
	}
	return c.main(os.Args[1:])
}
