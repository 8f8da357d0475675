package main

import (
	"errors"
	"flag"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/necrostack/necrogen/internal/redistest"
)

var update = flag.Bool("update", false, "rewrite what the scripts expect")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"necroctl": main})
}

// TestScripts runs the command as a user types it, each script on a Redis of its own, where the
// command seed has made a small shop.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: *update,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "seed": seed, "consume": consume, "redis": configure,
		},
		Setup: func(env *testscript.Env) error {
			server, err := redistest.Launch(env.WorkDir)
			if err != nil {
				return err
			}
			env.Defer(server.Close)
			env.Setenv("NECRO_REDIS_URL", server.URL())
			env.Setenv("ADDR", server.Addr())
			return nil
		},
	})
}

// exits runs a command and wants an exit code of it: "exits 2 necroctl nonsense".
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code command [arguments]")
	}
	code, failed := 0, (*exec.ExitError)(nil)
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		code = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if args[0] != strconv.Itoa(code) {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}
