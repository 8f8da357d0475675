package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/necrostack/necrogen/internal/testkit/modproxy"
	"github.com/necrostack/necrogen/internal/testkit/scripts"

	// What the programs of the scripts are built from, so that a change of it makes go test run
	// again what it would take from its cache.
	_ "github.com/necrostack/necrogen/runtime/necrotest"
)

var update = flag.Bool("update", false, "rewrite what the scripts expect")

func TestMain(m *testing.M) {
	testscript.Main(m, commands())
}

// TestScripts runs the command as a user types it. A script finds a go.mod that requires this
// repository, unless it brings its own.
func TestScripts(t *testing.T) {
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	necrogen, err := exec.LookPath("necrogen")
	if err != nil {
		t.Fatal(err)
	}
	caches := goEnv(t, "GOCACHE", "GOMODCACHE")
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: *update,
		Condition: func(cond string) (bool, error) {
			if cond != "root" {
				return false, fmt.Errorf("unknown condition %q", cond)
			}
			return os.Geteuid() == 0, nil // whom no mode of a folder keeps from writing
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": scripts.Exits, "publish": publish},
		Setup: func(env *testscript.Env) error {
			env.Setenv("REPOSITORY", repository)
			env.Setenv("NECROGEN", necrogen) // for a PATH without it
			for name, value := range caches {
				env.Setenv(name, value)
			}
			env.Setenv("GOFLAGS", "-mod=mod")
			env.Setenv("GOWORK", "off")
			env.Setenv("GOPROXY", "off")
			env.Setenv("GONOSUMDB", "*") // a script has no go.sum, and must not ask another host for sums
			env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, ".cache"))
			return writeModule(env.WorkDir, repository)
		},
	})
}

// publish makes a version of a module that the go command then downloads from the folder proxy
// into the folder modcache: "publish example.com/money v1.0.0 money".
func publish(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: publish path version folder")
	}
	proxy := ts.MkAbs("proxy")
	ts.Check(modproxy.Publish(proxy, args[0], args[1], os.DirFS(ts.MkAbs(args[2]))))
	ts.Setenv("GOPROXY", modproxy.URL(proxy))
	ts.Setenv("GONOSUMDB", "*")
	ts.Setenv("GOMODCACHE", ts.MkAbs("modcache"))
	ts.Setenv("GOFLAGS", "-mod=mod -modcacherw")
}

// writeModule writes go.mod where a script has none.
func writeModule(dir, repository string) error {
	path := filepath.Join(dir, "go.mod")
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	return os.WriteFile(path, []byte("module example.com/app\n\ngo 1.26.0\n\n"+
		"require github.com/necrostack/necrogen v0.0.0\n\n"+
		"replace github.com/necrostack/necrogen => "+repository+"\n"), 0o644)
}

// goEnv asks for the caches: a script has a home of its own, and would fill new ones.
func goEnv(t *testing.T, names ...string) map[string]string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for i, value := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		values[names[i]] = value
	}
	return values
}
