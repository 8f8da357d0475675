// Command necroctl shows the events, organs and dead letters of a backend, and repairs them.
//
//	export NECRO_BACKEND_URL=redis://localhost:6379/0    or sqlite:shop.db
//	necroctl organs            what waits, who consumes, what is paused
//	necroctl dead ls           dead letters, with their reasons
//	necroctl help              all verbs
//
// Programs of one's own can have the same verbs: it is package necroctl, over the engines of package all, and nothing
// besides. It is a module of its own, because it has the dependencies of all engines.
// Exit codes: 0 done, 1 something is wrong or was not confirmed, 2 could not run.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/all"
	"github.com/necrostack/necrogen/necroctl"
	"github.com/necrostack/necrogen/runtime/contract"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends it as any program
	redis.SetLogger(quiet{})     // necroctl's own errors say it, too
	return (&necroctl.Command{Open: open, Console: serveConsole, Schema: writeSchema}).Run(ctx, os.Args[1:])
}

// open opens a backend of any engine, which must be there.
func open(ctx context.Context, t necroctl.Target) (contract.Backend, error) {
	return all.Open(ctx, t.URL, all.Existing(), all.WithNamespace(t.Namespace), all.WithLogger(nil))
}

type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}
