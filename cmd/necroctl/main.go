// Command necroctl shows the events, organs and dead letters in Redis, and repairs them.
//
//	export NECRO_REDIS_URL=redis://localhost:6379/0
//	necroctl organs            what waits, who consumes, what is paused
//	necroctl dead ls           dead letters, with their reasons
//	necroctl help              all verbs
//
// Programs of one's own can have the same verbs: it is package necroctl, and nothing besides.
// Exit codes: 0 done, 1 something is wrong or was not confirmed, 2 could not run.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/necroctl"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends it as any program
	redis.SetLogger(quiet{})     // necroctl's own errors say it, too
	return (&necroctl.Command{}).Run(ctx, os.Args[1:])
}

type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}
