package scaffold

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/write"
)

// The names of ours that go.mod holds.
const (
	necrogen = "github.com/necrostack/necrogen"
	tool     = necrogen + "/cmd/necrogen"
	service  = necrogen + "/service"
)

// importsFolder is a folder that no module has.
const importsFolder = "necrogen-init-imports"

// modules lists the modules of ours that the program imports.
func (o Options) modules() []string {
	if o.Service != "" {
		return []string{necrogen, service}
	}
	return []string{necrogen}
}

// bench is a copy of go.mod and go.sum that the go command changes in place of the user's: a failure there has
// changed nothing.
type bench struct {
	folder string // of the copies
	command
	modfile []string // the flag by which the go command takes the copies
}

// requireModule returns the changes that go.mod and go.sum need: the module requires necrogen, and has
// it as a tool. Where that is so already, or go.mod replaces it by a folder, no network is needed.
func (m *home) requireModule(ctx context.Context, o Options) ([]write.Change, error) {
	if m.path == necrogen && o.Service != "" {
		return nil, errors.New("a service needs a module of its own: " + necrogen + " does not require its module service")
	}
	if m.path == necrogen {
		return nil, nil
	}
	b, err := m.newBench(ctx)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(b.folder)
	if _, joined := m.workspace[necrogen]; joined {
		_, err = b.runGo(ctx, "mod", "edit", "-tool="+tool, b.filePath("go.mod"))
	} else {
		err = b.getModule(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	return b.compareCopies(m.dir)
}

// newBench copies go.mod and go.sum, or begins them.
func (m *home) newBench(ctx context.Context) (*bench, error) {
	folder, err := os.MkdirTemp("", "necrogen-init-")
	if err != nil {
		return nil, err
	}
	b := &bench{folder: folder, command: command{dir: m.dir, env: []string{"GOWORK=off"}}}
	if m.isNew {
		b.dir = folder
		_, err = b.runGo(ctx, "mod", "init", m.path)
	} else {
		b.modfile = []string{"-modfile=" + b.filePath("go.mod")}
		err = errors.Join(copyFile(m.dir, folder, "go.mod"), copyFile(m.dir, folder, "go.sum"))
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return b, nil
}

func (b *bench) filePath(name string) string { return filepath.Join(b.folder, name) }

// getModule lets the go command add the requirement, the tool and their checksums. It lists packages for
// that: "go get" asks the network for modules of longer paths, also where go.mod replaces ours by a
// folder, and marks the requirement as indirect.
func (b *bench) getModule(ctx context.Context, o Options) error {
	edit := []string{"mod", "edit", "-tool=" + tool}
	for _, path := range o.modules() {
		version, err := b.wantedVersion(ctx, o, path)
		if err != nil {
			return err
		}
		edit = append(edit, "-require="+path+"@"+version)
	}
	if _, err := b.runGo(ctx, append(edit, b.filePath("go.mod"))...); err != nil {
		return err
	}
	list := append(append([]string{"list"}, b.modfile...), "-mod=mod", "-deps")
	if o.Service != "" {
		imports, err := b.overlayImports()
		if err != nil {
			return err
		}
		list = append(list, "-overlay="+imports, "./"+importsFolder)
	}
	_, err := b.runGo(ctx, append(list, tool)...)
	return explainUnreachable(err)
}

// overlayImports makes a package that imports what a service does seem to be in the module: go.mod names all modules that packages of it
// import, also through others, and the program is not there yet. The path is that of the file for the flag -overlay.
func (b *bench) overlayImports() (string, error) {
	source := b.filePath("imports.txt")
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(b.dir, importsFolder, "imports.go"): source}})
	if err != nil {
		return "", err
	}
	return b.filePath("overlay.json"), errors.Join(
		os.WriteFile(source, []byte("package imports\n\nimport _ \""+service+"\"\n"), 0o600),
		os.WriteFile(b.filePath("overlay.json"), overlay, 0o600))
}

// wantedVersion returns the version of a module in go.mod, or else that of this program, or the latest.
func (b *bench) wantedVersion(ctx context.Context, o Options, path string) (string, error) {
	m, err := readMod(ctx, b.filePath("go.mod"))
	if err != nil {
		return "", err
	}
	for _, r := range m.Require {
		if r.Path == path {
			return r.Version, nil
		}
	}
	for _, r := range m.Replace {
		if r.Old.Path == path {
			return "v0.0.0", nil // as good as any: it is replaced
		}
	}
	o.Log("adding " + path + " to go.mod")
	if o.Version != "" {
		return o.Version, nil
	}
	args := append([]string{"list"}, b.modfile...)
	out, err := b.runGo(ctx, append(args, "-m", "-f", "{{.Version}}", path+"@latest")...)
	return strings.TrimSpace(out), explainUnreachable(err)
}

// explainUnreachable says what to do when the module can't be had.
func explainUnreachable(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w\nnothing was written; without a network, let a go.mod name a copy of it, and leave out -module:\n"+
		"\tgo mod edit -replace=%s=/its/folder", err, necrogen)
}

// compareCopies compares the copies with the user's files.
func (b *bench) compareCopies(dir string) ([]write.Change, error) {
	var changes []write.Change
	for _, name := range []string{"go.mod", "go.sum"} {
		c, err := changeLike(filepath.Join(dir, name), b.filePath(name))
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(c.Old, c.New) {
			changes = append(changes, c)
		}
	}
	return changes, nil
}

// changeLike makes a file like another one; one that is not there needs no change.
func changeLike(path, like string) (c write.Change, err error) {
	c.Path = path
	if c.New, err = readIfThere(like); err != nil || c.New == nil {
		return write.Change{}, err
	}
	if info, err := os.Stat(path); err == nil {
		c.Mode = info.Mode().Perm()
	}
	c.Old, err = readIfThere(path)
	return c, err
}

func copyFile(from, to, name string) error {
	content, err := readIfThere(filepath.Join(from, name))
	if err != nil || content == nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, name), content, 0o600)
}

// readIfThere returns nil for a file that is not there.
func readIfThere(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return append([]byte{}, content...), err
}
