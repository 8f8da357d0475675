package watch

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/necrostack/necrogen/internal/testkit/files"
)

// watcher watches a module with two packages.
func watcher(t *testing.T) (w *Watcher, dir string) {
	t.Helper()
	t.Setenv("GOWORK", "")
	t.Setenv("GOFLAGS", "")
	dir = t.TempDir()
	files.Write(t, filepath.Join(dir, "go.mod"), "module example.com/app\n\ngo 1.26.0\n")
	files.Write(t, filepath.Join(dir, "a.go"), "package app\n")
	files.Write(t, filepath.Join(dir, "b", "b.go"), "package b\n")
	w, err := New(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return w, dir
}

// noticed says what has changed for a watcher, relative to dir.
func noticed(t *testing.T, w *Watcher, dir string) []string {
	t.Helper()
	var names []string
	for _, path := range takeSnapshot(w.folders, w.files).changedFiles(w.seen) {
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.ToSlash(rel))
	}
	return names
}

func TestNotices(t *testing.T) {
	for name, c := range map[string]struct {
		change func(dir string) error
		want   []string
	}{
		"nothing":         {func(string) error { return nil }, nil},
		"a file":          {func(dir string) error { return os.WriteFile(dir+"/a.go", []byte("package a"), 0o644) }, []string{"a.go"}},
		"a new package":   {func(dir string) error { return os.CopyFS(dir+"/c/d", os.DirFS(dir+"/b")) }, []string{"c/d/b.go"}},
		"a deletion":      {func(dir string) error { return os.RemoveAll(dir + "/b") }, []string{"b/b.go"}},
		"a renaming":      {func(dir string) error { return os.Rename(dir+"/a.go", dir+"/c.go") }, []string{"a.go", "c.go"}},
		"go.mod":          {func(dir string) error { return os.WriteFile(dir+"/go.mod", nil, 0o644) }, []string{"go.mod"}},
		"only its time":   {func(dir string) error { return os.Chtimes(dir+"/a.go", time.Time{}, time.Unix(1, 0)) }, []string{"a.go"}},
		"other files":     {func(dir string) error { return os.WriteFile(dir+"/a.txt", nil, 0o644) }, nil},
		"what go ignores": {func(dir string) error { return os.WriteFile(dir+"/.necro_gen-1.go", nil, 0o644) }, nil},
		"another module":  {func(dir string) error { return os.CopyFS(dir+"/sub", fstest.MapFS{"go.mod": {}, "a.go": {}}) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w, dir := watcher(t)
			if err := c.change(dir); err != nil {
				t.Fatal(err)
			}
			if got := noticed(t, w, dir); !slices.Equal(got, c.want) {
				t.Errorf("noticed %q, want %q", got, c.want)
			}
		})
	}
}

// TestWait: it returns after a change, once for all that came before, and at the end.
func TestWait(t *testing.T) {
	w, dir := watcher(t)
	files.Write(t, filepath.Join(dir, "a.go"), "package app // edited\n")
	if !w.Wait(t.Context(), nil) {
		t.Error("it ended")
	}
	if w.Wait(ended(t), nil) {
		t.Error("it did not end")
	}
	if got := noticed(t, w, dir); got != nil {
		t.Errorf("still noticed: %q", got)
	}
}

// TestOwnOutput: what the caller writes is no change; what others write at the same time is one.
func TestOwnOutput(t *testing.T) {
	w, dir := watcher(t)
	own := []string{filepath.Join(dir, "necro_gen.go"), filepath.Join(dir, "b", "b.go")}
	files.Write(t, own[0], "package app\n")
	if err := os.Remove(own[1]); err != nil {
		t.Fatal(err)
	}
	w.Wait(ended(t), own)
	if got := noticed(t, w, dir); got != nil {
		t.Errorf("noticed %q", got)
	}
	files.Write(t, filepath.Join(dir, "a.go"), "package app // edited meanwhile\n")
	w.Wait(ended(t), own)
	if got := noticed(t, w, dir); !slices.Equal(got, []string{"a.go"}) {
		t.Errorf("noticed %q", got)
	}
}

// ended returns a context that is done: Wait looks once, and does not sleep.
func ended(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// TestWorkspace: when go.work joins another module, that is watched, too.
func TestWorkspace(t *testing.T) {
	w, dir := watcher(t)
	other := t.TempDir()
	files.Write(t, filepath.Join(other, "go.mod"), "module example.com/other\n\ngo 1.26.0\n")
	files.Write(t, filepath.Join(dir, "go.work"), "go 1.26.0\n\nuse (\n\t.\n\t"+other+"\n)\n")
	if !w.Wait(t.Context(), nil) {
		t.Error("it ended")
	}
	files.Write(t, filepath.Join(other, "new.go"), "package other\n")
	if got := noticed(t, w, other); !slices.Equal(got, []string{"new.go"}) {
		t.Errorf("noticed %q", got)
	}
	files.Write(t, filepath.Join(dir, "go.work"), "broken")
	if !w.Wait(t.Context(), nil) || len(w.folders) != 2 {
		t.Errorf("a broken go.work: watches %q", w.folders)
	}
}

func TestNoModule(t *testing.T) {
	t.Setenv("GOWORK", "off")
	if _, err := New(t.Context(), t.TempDir()); err == nil {
		t.Error("no error")
	}
}
