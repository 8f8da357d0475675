// Command necrogen turns annotated Go structs and methods into dispatch tables, validators and
// msgpack codecs.
//
//	necrogen [-json] [packages]        generates; the default is the package in this folder
//	necrogen check [-json] [packages]  verifies rules and generated files, and writes nothing
//	necrogen version                   prints the version
//
// Exit codes of generate: 0 done, 1 something is wrong with the source, 2 could not run. Of
// check: 0 clean, 1 something is stale or wrong, 2 could not run.
package main

import (
	"context"
	"os"
	"os/signal"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	dir, err := os.Getwd()
	c := &command{ctx: ctx, dir: dir, stdout: os.Stdout, stderr: os.Stderr}
	if err != nil {
		return c.fail(err)
	}
	return c.main(os.Args[1:])
}
