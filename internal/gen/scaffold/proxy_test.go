package scaffold

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/necrostack/necrogen/internal/testkit/files"
	"github.com/necrostack/necrogen/internal/testkit/modproxy"
)

// useProxy lets the go command find these versions of necrogen in a module proxy that is made of
// the working tree, and what they depend on in the cache of this machine.
func useProxy(t *testing.T, versions ...string) {
	t.Helper()
	cache, err := command{dir: "."}.runGo(t.Context(), "env", "GOMODCACHE")
	if err != nil {
		t.Fatal(err)
	}
	proxy, source := t.TempDir(), workingTree(t)
	for _, version := range versions {
		if err := modproxy.Publish(proxy, necrogen, version, source); err != nil {
			t.Fatal(err)
		}
	}
	files.Write(t, filepath.Join(proxy, filepath.FromSlash(necrogen), "@v", "list"), strings.Join(versions, "\n"))
	downloads := filepath.Join(strings.TrimSpace(cache), "cache", "download")
	t.Setenv("GOPROXY", modproxy.URL(proxy)+","+modproxy.URL(downloads))
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOFLAGS", "-modcacherw") // or else the folder can't be removed
	t.Setenv("GONOSUMDB", "*")
	t.Setenv("GOWORK", "off")
}

// workingTree returns the source of this module: modules below are none of it.
func workingTree(t *testing.T) fstest.MapFS {
	t.Helper()
	source, root := fstest.MapFS{}, os.DirFS("../../..")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if _, err := fs.Stat(root, name+"/go.mod"); name == ".git" || name != "." && err == nil {
				return fs.SkipDir
			}
			return nil
		}
		embedded := strings.HasPrefix(name, "internal/gen/scaffold/service/")
		if embedded || slices.Contains([]string{".go", ".mod", ".lua", ".md"}, filepath.Ext(name)) {
			content, err := fs.ReadFile(root, name)
			source[name] = &fstest.MapFile{Data: content}
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return source
}
