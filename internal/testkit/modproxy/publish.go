package modproxy

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// URL is what GOPROXY is set to for a folder.
func URL(dir string) string {
	path := filepath.ToSlash(dir)
	if path[0] != '/' {
		path = "/" + path // C:/…
	}
	return "file://" + path
}

// Publish adds a version of a module to the folder, whose source is a file system with a go.mod
// at its root. A path with capital letters would have to be escaped, so it has none.
func Publish(dir, path, version string, source fs.FS) error {
	goMod, err := fs.ReadFile(source, "go.mod")
	if err != nil {
		return fmt.Errorf("publishing %s: %w", path, err)
	}
	archive, err := pack(path+"@"+version, source)
	if err != nil {
		return fmt.Errorf("publishing %s: %w", path, err)
	}
	at := filepath.Join(dir, filepath.FromSlash(path), "@v")
	if err := os.MkdirAll(at, 0o755); err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		version + ".info": fmt.Appendf(nil, `{"Version":%q,"Time":"2026-01-01T00:00:00Z"}`, version),
		version + ".mod":  goMod,
		version + ".zip":  archive,
	} {
		if err := os.WriteFile(filepath.Join(at, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// pack makes the zip file of a module: all names begin with path@version.
func pack(prefix string, source fs.FS) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	err := fs.WalkDir(source, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(source, name)
		if err != nil {
			return err
		}
		f, err := w.Create(prefix + "/" + name)
		if err != nil {
			return err
		}
		_, err = f.Write(content)
		return err
	})
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}
