package sabotage

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// Overlay writes the files that edits change to a folder. It returns the name of the file that the
// flag -overlay of the go command takes.
func (r *Repository) Overlay(folder string, edits []Edit) (string, error) {
	edited, err := r.Apply(edits)
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	for path, text := range edited {
		to := filepath.Join(folder, path)
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			return "", err
		}
		if err := os.WriteFile(to, text, 0o666); err != nil {
			return "", err
		}
		replace[filepath.Join(r.root, path)] = to
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(folder, "overlay.json")
	return name, os.WriteFile(name, list, 0o666)
}
