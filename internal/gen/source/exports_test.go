package source

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/testkit/files"
	"github.com/necrostack/necrogen/internal/testkit/modproxy"
)

// world is a module whose event holds a struct of another module, and all that the go command
// and the cache write.
type world struct {
	t         *testing.T
	dir       string // of the module
	cache     string // the user's
	listLog   string // the calls of go list, one a line
	listCalls int
}

// newWorld stands in a folder of its own; a go command is in front of PATH that logs its calls.
func newWorld(t *testing.T, files map[string]string) *world {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the go command that logs is a shell script")
	}
	root := t.TempDir()
	w := &world{t: t, dir: filepath.Join(root, "app"), cache: filepath.Join(root, "cache"), listLog: filepath.Join(root, "log")}
	for name, value := range map[string]string{
		"HOME": root, "XDG_CACHE_HOME": w.cache, "GOCACHE": filepath.Join(root, "build"),
		"GOMODCACHE": filepath.Join(root, "mod"), "GOPROXY": "off", "GONOSUMDB": "*", "GOWORK": "off",
		"GOFLAGS": "-mod=mod -modcacherw", "GOTOOLCHAIN": "local",
	} {
		t.Setenv(name, value)
	}
	w.logListCalls(filepath.Join(root, "bin"))
	w.write("app.go", "package app\n\nimport \"example.com/dep\"\n\n//necro:event\ntype Event struct{ X dep.T }\n")
	for name, content := range files {
		w.write(name, content)
	}
	return w
}

func (w *world) logListCalls(bin string) {
	real, err := exec.LookPath("go")
	if err != nil {
		w.t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\n[ \"$1\" = list ] && echo \"$*\" >>%s\nexec %s \"$@\"\n", w.listLog, real)
	files.Write(w.t, filepath.Join(bin, "go"), script)
	if err := os.Chmod(filepath.Join(bin, "go"), 0o755); err != nil {
		w.t.Fatal(err)
	}
	w.t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// write writes a file of the module, or beside it.
func (w *world) write(name, content string) {
	w.t.Helper()
	files.Write(w.t, filepath.Join(w.dir, name), content)
}

// loads wants the field names of dep.T, and whether the cache knew where they stand.
func (w *world) loads(want string, fromCache bool) {
	w.t.Helper()
	topology, diags, err := Load(context.Background(), w.dir, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, d := range diags {
		w.t.Errorf("unexpected: %s %s", d.Code, d.Message)
	}
	dep := topology.Packages[0].Events[0].Struct.Fields[0].Type
	if got := fieldNames(dep); got != want {
		w.t.Errorf("dep.T has the fields %q, want %q (%s)", got, want, dep.Problem)
	}
	if asked := w.exportLists() > 0; asked == fromCache {
		w.t.Errorf("asked go list for export data: %v, want %v", asked, !fromCache)
	}
}

func fieldNames(t *model.Type) string {
	var names []string
	for _, f := range t.Fields {
		names = append(names, f.Name)
	}
	return strings.Join(names, " ")
}

// exportLists returns how often go list was asked for export data since it was called last.
func (w *world) exportLists() int {
	w.t.Helper()
	log, err := os.ReadFile(w.listLog)
	if err != nil {
		w.t.Fatal(err)
	}
	before := w.listCalls
	w.listCalls = strings.Count(string(log), "-export")
	return w.listCalls - before
}

// answers are the files of the cache.
func (w *world) answers() []string {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.cache, "necrogen", "exports", "*"))
	if err != nil {
		w.t.Fatal(err)
	}
	return files
}

const depMod = "module example.com/dep\n\ngo 1.26.0\n"

// replaced is a world whose other module stands in a folder beside it.
func replaced(t *testing.T) *world {
	t.Helper()
	return newWorld(t, map[string]string{
		"go.mod":        "module example.com/app\n\ngo 1.26.0\n\nrequire example.com/dep v1.0.0\n\nreplace example.com/dep => ../dep\n",
		"../dep/go.mod": depMod,
		"../dep/dep.go": "package dep\n\ntype T struct{ A int }\n",
	})
}

// TestReplacedFolderEdited: neither time nor size of the edited file tell of it.
func TestReplacedFolderEdited(t *testing.T) {
	w := replaced(t)
	path := filepath.Join(w.dir, "../dep/dep.go")
	w.loads("A", false)
	w.loads("A", true)
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	w.write("../dep/dep.go", "package dep\n\ntype T struct{ B int }\n")
	if err := os.Chtimes(path, before.ModTime(), before.ModTime()); err != nil {
		t.Fatal(err)
	}
	w.loads("B", false)
	w.loads("B", true)
}

// TestIndirectDependencyEdited: the package itself is as it was, but not what it is made of.
func TestIndirectDependencyEdited(t *testing.T) {
	w := replaced(t)
	w.write("../dep/dep.go", "package dep\n\nimport \"example.com/dep/inner\"\n\ntype T = inner.T\n")
	w.write("../dep/inner/inner.go", "package inner\n\ntype T struct{ A int }\n")
	w.loads("A", false)
	w.write("../dep/inner/inner.go", "package inner\n\ntype T struct{ B int }\n")
	w.loads("B", false)
	w.write("../dep/inner/more.go", "package inner\n\ntype More struct{}\n")
	w.loads("B", false)
}

// TestLanguageVersion: a module may say in which language it is written.
func TestLanguageVersion(t *testing.T) {
	w := replaced(t)
	w.loads("A", false)
	w.write("../dep/go.mod", "module example.com/dep\n\ngo 1.25.0\n")
	w.loads("A", false)
}

// TestUpgrade: another version is another source. Going back finds what was known.
func TestUpgrade(t *testing.T) {
	w := newWorld(t, nil)
	proxy := t.TempDir()
	t.Setenv("GOPROXY", modproxy.URL(proxy))
	for version, field := range map[string]string{"v1.0.0": "A", "v1.1.0": "B"} {
		err := modproxy.Publish(proxy, "example.com/dep", version, fstest.MapFS{
			"go.mod": {Data: []byte(depMod)},
			"dep.go": {Data: []byte("package dep\n\ntype T struct{ " + field + " int }\n")},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	require := func(version string) {
		w.write("go.mod", "module example.com/app\n\ngo 1.26.0\n\nrequire example.com/dep "+version+"\n")
	}
	require("v1.0.0")
	w.loads("A", false)
	w.loads("A", true)
	require("v1.1.0")
	w.loads("B", false)
	require("v1.0.0")
	w.loads("A", true)
}

// TestVendorFolderEdited: nobody should, but it is no reason to be wrong.
func TestVendorFolderEdited(t *testing.T) {
	w := newWorld(t, map[string]string{
		"go.mod":                        "module example.com/app\n\ngo 1.26.0\n\nrequire example.com/dep v1.0.0\n",
		"vendor/modules.txt":            "# example.com/dep v1.0.0\n## explicit; go 1.26.0\nexample.com/dep\n",
		"vendor/example.com/dep/dep.go": "package dep\n\ntype T struct{ A int }\n",
	})
	t.Setenv("GOFLAGS", "")
	w.loads("A", false)
	w.loads("A", true)
	w.write("vendor/example.com/dep/dep.go", "package dep\n\ntype T struct{ B int }\n")
	w.loads("B", false)
}

// TestBuildTags: tags choose the files.
func TestBuildTags(t *testing.T) {
	w := replaced(t)
	w.write("../dep/dep.go", "//go:build !other\n\npackage dep\n\ntype T struct{ A int }\n")
	w.write("../dep/other.go", "//go:build other\n\npackage dep\n\ntype T struct{ B int }\n")
	w.loads("A", false)
	plain := os.Getenv("GOFLAGS")
	t.Setenv("GOFLAGS", plain+" -tags=other")
	w.loads("B", false)
	w.loads("B", true)
	t.Setenv("GOFLAGS", plain)
	w.loads("A", true)
}

// TestBuildCacheCleaned: the go command removes what was not used for some days.
func TestBuildCacheCleaned(t *testing.T) {
	w := replaced(t)
	w.loads("A", false)
	if err := os.RemoveAll(os.Getenv("GOCACHE")); err != nil {
		t.Fatal(err)
	}
	w.loads("A", false)
	w.loads("A", true)
}

// TestBrokenAnswers: what stands in the cache is believed only as far as it can be.
func TestBrokenAnswers(t *testing.T) {
	w := replaced(t)
	w.loads("A", false)
	answer := w.answers()[0]
	whole, err := os.ReadFile(answer)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := strings.Replace(string(whole), `"Size":`, `"Size":1`, 1)
	for _, content := range []string{"", "null", "[]", "{}", "\x00", `[{"Path":"example.com/dep"}]`, string(whole[:len(whole)-2]), elsewhere} {
		files.Write(t, answer, content)
		w.loads("A", false)
		w.loads("A", true)
	}
}

// TestNoCache: without a place to remember anything it works as well.
func TestNoCache(t *testing.T) {
	w := replaced(t)
	file := filepath.Join(w.dir, "file")
	w.write("file", "")
	for _, dir := range []string{filepath.Join(file, "below"), "relative"} {
		t.Setenv("XDG_CACHE_HOME", dir)
		w.loads("A", false)
		w.loads("A", false)
	}
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	w.loads("A", false)
}

// TestNothingToDo: a second run writes nothing into the cache either.
func TestNothingToDo(t *testing.T) {
	w := replaced(t)
	w.loads("A", false)
	before, err := os.Stat(w.answers()[0])
	if err != nil {
		t.Fatal(err)
	}
	w.loads("A", true)
	after, err := os.Stat(w.answers()[0])
	if err != nil || !os.SameFile(before, after) || !before.ModTime().Equal(after.ModTime()) || len(w.answers()) != 1 {
		t.Errorf("the cache was written: %v, %q", err, w.answers())
	}
}

// TestUnforeseeable: where more than source decides, nothing is remembered.
func TestUnforeseeable(t *testing.T) {
	for name, flags := range map[string]string{
		"overlay": "-mod=mod -overlay=overlay.json", "toolexec": "-mod=mod -toolexec=env",
	} {
		t.Run(name, func(t *testing.T) {
			w := replaced(t)
			w.write("overlay.json", "{}")
			t.Setenv("GOFLAGS", flags)
			w.loads("A", false)
			w.loads("A", false)
		})
	}
}

// TestUnforeseeableSource: types may come from C headers, and what can't be seen can't be hashed.
func TestUnforeseeableSource(t *testing.T) {
	module := &listedModule{GoVersion: "1.26.0"}
	for name, p := range map[string]*listed{
		"cgo":      {Module: module, CgoFiles: []string{"c.go"}},
		"swig":     {Module: module, SwigFiles: []string{"s.swig"}},
		"swig C++": {Module: module, SwigCXXFiles: []string{"s.swigcxx"}},
		"error":    {Module: module, Error: &listedError{}},
		"import":   {Module: module, Imports: []string{"example.com/unknown"}},
		"file":     {Module: module, GoFiles: []string{"removed.go"}},
		"module":   {},
	} {
		l := &loader{
			env:    func() environment { return environment{"GOVERSION": "go1.26.8"} },
			listed: map[string]*listed{"p": p},
		}
		if key := l.exportKey([]string{"p"}); key != "" {
			t.Errorf("%s: the key %q", name, key)
		}
	}
}

// TestEnvironment: each of these makes another key, and none of those.
func TestEnvironment(t *testing.T) {
	key := func(change, to string) string {
		env := environment{"GOVERSION": "go1.26.8"}
		if change != "" {
			env[change] = to
		}
		l := &loader{env: func() environment { return env }, listed: map[string]*listed{"time": {Standard: true}}}
		return l.exportKey([]string{"time"})
	}
	seen := map[string]string{key("", ""): "nothing"}
	for _, name := range environmentNames {
		if name == "GOCACHEPROG" {
			continue
		}
		k := key(name, "go1.27.0")
		if k == "" || seen[k] != "" {
			t.Errorf("a changed %s has the key %q, as %s", name, k, seen[k])
		}
		seen[k] = name
	}
	for name, value := range map[string]string{"GOCACHEPROG": "cacher", "GOVERSION": "devel go1.27-abcdef"} {
		if k := key(name, value); k != "" {
			t.Errorf("%s=%s has the key %q", name, value, k)
		}
	}
}

// TestCacheIsBounded: the newest answers stay.
func TestCacheIsBounded(t *testing.T) {
	dir := t.TempDir()
	export := filepath.Join(dir, "export")
	files.Write(t, export, "data")
	c := exportCache{filepath.Join(dir, "cache")}
	found := map[string]*listed{"a": {ImportPath: "a", Export: export}}
	for i := range maxAnswers + 20 {
		c.put(fmt.Sprintf("key%03d", i), []string{"a"}, found)
	}
	entries, err := os.ReadDir(c.dir)
	if err != nil || len(entries) > maxAnswers {
		t.Errorf("%d files, %v", len(entries), err)
	}
	if c.get(fmt.Sprintf("key%03d", maxAnswers+19), []string{"a"}) == nil {
		t.Error("the newest is gone")
	}
}
