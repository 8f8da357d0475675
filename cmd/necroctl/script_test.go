package main

import (
	"flag"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/internal/testkit/scripts"
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
			"exits": scripts.Exits, "seed": seed, "remind": remind, "fire": fire, "consume": consume, "redis": configure,
		},
		Setup: func(env *testscript.Env) error {
			server, err := redistest.Launch(env.WorkDir)
			if err != nil {
				return err
			}
			env.Defer(server.Close)
			env.Setenv("NECRO_REDIS_URL", server.URL()+"?read_timeout=1m")
			env.Setenv("ADDR", server.Addr())
			return nil
		},
	})
}
