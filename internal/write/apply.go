package write

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// mode is that of any source file.
const mode = 0o644

// Apply brings the changes onto the disk. Every file is first written beside its place, and
// renamed only when all of them could be: a full disk leaves everything as it was.
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
		name, err := stage(c)
		if err != nil {
			return fmt.Errorf("writing %s: %w", c.Path, err)
		}
		staged[i] = name
	}
	for i, c := range changes {
		if err := commit(c, staged[i]); err != nil {
			return fmt.Errorf("replacing %s: %w", c.Path, err)
		}
		staged[i] = ""
	}
	return nil
}

// stage writes a change to a file of its own in the same folder. Its name has a dot in front,
// so that no go command takes it for source.
func stage(c Change) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(c.Path), ".necro_gen-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(c.New)
	err = errors.Join(err, f.Chmod(mode), f.Close())
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

func commit(c Change, staged string) error {
	if c.New == nil {
		return os.Remove(c.Path)
	}
	return os.Rename(staged, c.Path)
}
