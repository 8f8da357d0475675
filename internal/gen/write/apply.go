package write

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/robustio"
)

// mode is that of any source file.
const mode = 0o644

// Apply brings the changes onto the disk, all or none. Every file is first written beside its place, and renamed
// only when all of them could be: a full disk leaves everything as it was. When one can't be renamed, the
// renames before are taken back.
func Apply(changes []Change) error {
	staged := make([]string, len(changes))
	defer func() {
		for _, name := range staged {
			if name != "" {
				_ = os.Remove(name)
			}
		}
	}()
	for i, c := range changes {
		if c.New == nil {
			continue
		}
		name, err := stageFile(c, c.New)
		if err != nil {
			return fmt.Errorf("writing %s, nothing was changed: %w", c.Path, err)
		}
		staged[i] = name
	}
	for i, c := range changes {
		if err := commitFile(c, staged[i]); err != nil {
			return errors.Join(fmt.Errorf("replacing %s: %w", c.Path, err), takeBack(changes[:i]))
		}
		staged[i] = ""
	}
	return nil
}

// stageFile writes a content for a change to a file of its own in the same folder. Its name has a
// dot in front, so that no go command takes it for source.
func stageFile(c Change, content []byte) (name string, err error) {
	path, err := linkTarget(c.Path)
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".necro_gen-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(cmp.Or(c.Mode, mode)), f.Close())
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// commitFile puts a staged file in its place. On Windows that is tried for a while, because another program may just
// be reading the old one.
func commitFile(c Change, staged string) error {
	if c.New == nil {
		return os.Remove(c.Path)
	}
	path, err := linkTarget(c.Path)
	if err != nil {
		return err
	}
	return robustio.Rename(staged, path)
}

// takeBack restores the files from before the changes.
func takeBack(changes []Change) error {
	var errs []error
	for _, c := range changes {
		if c.Old == nil {
			errs = append(errs, os.Remove(c.Path))
			continue
		}
		name, err := stageFile(c, c.Old)
		if err == nil {
			err = commitFile(Change{Path: c.Path, New: c.Old}, name)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// linkTarget returns the path behind a link, or the path itself: a link that a user put there stays one.
func linkTarget(path string) (string, error) {
	if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return path, nil
	}
	return filepath.EvalSymlinks(path)
}
