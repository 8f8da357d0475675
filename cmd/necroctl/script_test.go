package main

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/necrostack/necrogen/internal/testkit/postgrestest"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/internal/testkit/scripts"
)

var update = flag.Bool("update", false, "rewrite what the scripts expect")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"necroctl": main})
}

// engine is what scripts run over.
type engine struct {
	name  string
	files []string                        // patterns of its scripts, in testdata
	setup func(env *testscript.Env) error // says where the backend is
}

var engines = []engine{
	{"redis", []string{"*.txtar", "redis/*.txtar"}, func(env *testscript.Env) error {
		server, err := redistest.Launch(env.WorkDir)
		if err != nil {
			return err
		}
		env.Defer(server.Close)
		env.Setenv("NECRO_REDIS_URL", server.URL()+"?read_timeout=1m")
		env.Setenv("ADDR", server.Addr())
		return nil
	}},
	{"sqlite", []string{"*.txtar", "sqlite/*.txtar"}, func(env *testscript.Env) error {
		env.Setenv("NECRO_BACKEND_URL", "sqlite:"+filepath.Join(env.WorkDir, "shop.db"))
		return nil
	}},
	// A server takes long to start: here are the scripts alone that read what no other reads.
	{"postgres", []string{"prove.txtar"}, func(env *testscript.Env) error {
		server, err := postgrestest.Launch()
		if err != nil {
			return err
		}
		env.Defer(server.Close)
		env.Setenv("NECRO_BACKEND_URL", server.URL())
		return nil
	}},
}

// TestScripts runs the command as a user types it, each script on a backend of its own, where the command seed has made a small
// shop. What it says is the same on every engine.
func TestScripts(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.name, func(t *testing.T) {
			var files []string
			for _, pattern := range engine.files {
				some, err := filepath.Glob("testdata/" + pattern)
				if err != nil || len(some) == 0 {
					t.Fatalf("no scripts %s: %v", pattern, err)
				}
				files = append(files, some...)
			}
			testscript.Run(t, testscript.Params{
				Files:         files,
				UpdateScripts: *update,
				Setup:         engine.setup,
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"exits": scripts.Exits, "seed": seed, "remind": remind, "fire": fire, "consume": consume, "redis": configure, "untime": untime,
				},
			})
		})
	}
}

// untime takes the times of looks out of files, which tell nothing but when one was.
func untime(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		content := regexp.MustCompile(`(?m)^ *"taken": .*\n`).ReplaceAllString(ts.ReadFile(name), "")
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(content), 0o644))
	}
}
