package scaffold

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/files"
)

func noLog(string) {}

// TestDownloaded: in a new module, with necrogen from a module proxy, go.mod and go.sum hold all
// that the program, its tests and the tool need.
func TestDownloaded(t *testing.T) {
	useProxy(t, "v0.7.0", "v0.7.1")
	for version, want := range map[string]string{"": "v0.7.1", "v0.7.0": "v0.7.0"} {
		dir := filepath.Join(t.TempDir(), "deep", "hello")
		_, err := Init(t.Context(), Options{Dir: dir, Module: "example.com/hello/v2", Version: version, Log: noLog})
		if err != nil {
			t.Fatal(err)
		}
		if mod := files.Read(t, filepath.Join(dir, "go.mod")); !strings.Contains(mod, "\nrequire "+necrogen+" "+want+"\n") {
			t.Errorf("asked for %q, go.mod has\n%s", version, mod)
		}
		complete(t, dir)
		if program := files.Read(t, filepath.Join(dir, "main.go")); !strings.HasPrefix(program, "// Command hello ") {
			t.Errorf("main.go begins with %.30q", program)
		}
	}
}

// complete wants every package to be found with go.mod and go.sum as they are.
func complete(t *testing.T, dir string) {
	t.Helper()
	_, err := command{dir: dir}.runGo(t.Context(), "list", "-mod=readonly", "-deps", "-test", "./...", tool)
	if err != nil {
		t.Error(err)
	}
}

// TestRequiredAlready: a module that requires a version keeps it, and without its tool line gets
// that, and the checksums for it. The proxy is not asked.
func TestRequiredAlready(t *testing.T) {
	useProxy(t, "v0.7.0", "v0.7.1")
	dir := t.TempDir()
	files.Write(t, filepath.Join(dir, "go.mod"), "module example.com/app\n\ngo 1.26.0\n\nrequire "+necrogen+" v0.7.0\n")
	if _, err := (command{dir: dir}).runGo(t.Context(), "mod", "download", "all"); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOPROXY", "off")
	t.Setenv("GONOSUMDB", "*") // the modules are those of go.sum: nobody is asked for their sums
	if _, err := Init(t.Context(), Options{Dir: dir, Version: "v0.7.1", Log: noLog}); err != nil {
		t.Fatal(err)
	}
	if mod := files.Read(t, filepath.Join(dir, "go.mod")); !strings.Contains(mod, necrogen+" v0.7.0\n") ||
		!strings.Contains(mod, "\ntool "+tool+"\n") {
		t.Errorf("go.mod has\n%s", mod)
	}
	complete(t, dir)
}

// TestReplacedWithoutNetwork: a module that replaces necrogen by a folder has what it needs in the
// cache, and no proxy has to answer.
func TestReplacedWithoutNetwork(t *testing.T) {
	t.Setenv("GOPROXY", "http://127.0.0.1:1")
	t.Setenv("GONOSUMDB", "*")
	t.Setenv("GOWORK", "off")
	repository, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files.Write(t, filepath.Join(dir, "go.mod"), "module example.com/app\n\ngo 1.21\n\nreplace "+necrogen+" => "+repository+"\n")
	if _, err := Init(t.Context(), Options{Dir: dir, Log: noLog}); err != nil {
		t.Fatal(err)
	}
	complete(t, dir)
}

// TestNothingIsHalfDone: whatever fails, the folder is as it was.
func TestNothingIsHalfDone(t *testing.T) {
	t.Setenv("GOPROXY", "off")
	t.Setenv("GONOSUMDB", "*") // the modules are those of go.sum: nobody is asked for their sums
	t.Setenv("GOWORK", "off")
	const mod = "module example.com/app\n"
	for name, c := range map[string]struct {
		files   map[string]string
		dir     string
		module  string
		want    string
		service string
	}{
		"no network":           {map[string]string{"go.mod": mod}, "hello/deep", "", "nothing was written; without a network", ""},
		"no network, module":   {nil, "hello", "example.com/hello", "nothing was written; without a network", ""},
		"no module":            {nil, ".", "", "there is no go.mod here", ""},
		"bad module":           {nil, "hello", "example.com/a b", "malformed module path", ""},
		"broken go.mod":        {map[string]string{"go.mod": "modul x\n"}, ".", "", "unknown directive: modul", ""},
		"go.mod there":         {map[string]string{"go.mod": mod}, ".", "example.com/app", "in the way, so nothing was written: go.mod\nthere is a module", ""},
		"our file there":       {map[string]string{"go.mod": mod, "main.go": "mine"}, ".", "", "in the way, so nothing was written: main.go\nname another", ""},
		"other files there":    {map[string]string{"go.mod": mod, "x/a.go": "", "x/b_test.go": "", "x/README": ""}, "x", "", "written: a.go, b_test.go\n", ""},
		"no import path":       {map[string]string{"go.mod": mod}, "hello/my app", "", `folder named "my app": use letters`, ""},
		"passed over":          {map[string]string{"go.mod": mod}, "testdata/hello", "", `folder named "testdata"`, ""},
		"hidden":               {map[string]string{"go.mod": mod}, "_hello", "", `folder named "_hello"`, ""},
		"a file there":         {map[string]string{"go.mod": mod, "hello": "mine"}, "hello", "", "hello is not a folder", ""},
		"a file above":         {map[string]string{"go.mod": mod, "hello": "mine"}, "hello/deep", "", "not a directory", ""},
		"service, no network":  {map[string]string{"go.mod": mod}, "shop", "", "nothing was written; without a network", "shop"},
		"service, a name":      {map[string]string{"go.mod": mod}, "shop", "", `a service cannot be named "My Shop": use`, "My Shop"},
		"service, a word":      {map[string]string{"go.mod": mod}, "shop", "", `a service cannot be named "redis": the word`, "redis"},
		"service, file there":  {map[string]string{"go.mod": mod, "Dockerfile": "mine", "deploy/alerts.yaml": "mine", "deploy/own.yaml": ""}, ".", "", "in the way, so nothing was written: Dockerfile, deploy/alerts.yaml\nname another", "shop"},
		"service, in necrogen": {map[string]string{"go.mod": "module " + necrogen + "\n"}, ".", "", "a service needs a module of its own", "shop"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for file, content := range c.files {
				files.Write(t, filepath.Join(root, file), content)
			}
			before := tree(t, root)
			_, err := Init(t.Context(), Options{Dir: filepath.Join(root, c.dir), Module: c.module, Service: c.service, Log: noLog})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if after := tree(t, root); !slices.Equal(after, before) {
				t.Errorf("there is %q, there was %q", after, before)
			}
		})
	}
}

// TestUnwritable: when the last file can't be written, go.mod is as it was, and no folder is left.
func TestUnwritable(t *testing.T) {
	root := t.TempDir()
	before := tree(t, root)
	err := applyChanges(append(
		programFiles(filepath.Join(root, "a", "b"), "b", true), programFiles(filepath.Join(root, "missing"), "b", true)...),
		filepath.Join(root, "a", "b"), filepath.Join(root, "c"))
	if err == nil {
		t.Error("no error")
	}
	if after := tree(t, root); !slices.Equal(after, before) {
		t.Errorf("there is %q, there was %q", after, before)
	}
}

// tree returns the files of a folder with their contents.
func tree(t *testing.T, root string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			files = append(files, path)
			return err
		}
		content, err := os.ReadFile(path)
		files = append(files, path+": "+string(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestNames: two programs of one module share no names, and those are words of directives.
func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"second":    "//necro:event SECOND_GREETED\n//necro:organ second.Greeter\n",
		"my-App.v2": "//necro:event MY_APP_V2_GREETED\n//necro:organ my-App-v2.Greeter\n",
		"2nd~":      "//necro:event ND_GREETED\n//necro:organ nd.Greeter\n",
		"42":        "//necro:event HELLO_GREETED\n//necro:organ hello.Greeter\n",
	} {
		var got strings.Builder
		for line := range strings.Lines(string(programFiles("", name, true)[0].New)) {
			if strings.HasPrefix(line, "//necro:event") || strings.HasPrefix(line, "//necro:organ") {
				got.WriteString(line)
			}
		}
		if got.String() != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, &got, want)
		}
	}
}
