package scaffold

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/advise"
)

// home is the module that the program comes into.
type home struct {
	dir   string // its root
	path  string
	isNew bool

	// workspace are the modules of go.work, path to folder; nil without one.
	workspace map[string]string
}

// findModule finds the module of a folder, or begins one there. A service begins one of an example's path where there is none.
func findModule(ctx context.Context, o Options) (*home, error) {
	from := o.Dir
	if missing := firstMissing(o.Dir); missing != "" {
		from = filepath.Dir(missing)
	}
	m := &home{dir: o.Dir, path: o.Module, isNew: o.Module != ""}
	if !m.isNew {
		err := m.findModule(ctx, from)
		if o.Service != "" && errors.Is(err, advise.ErrNoModule) {
			*m, err = home{dir: o.Dir, path: "example.com/" + o.Service, isNew: true}, nil
		}
		if err != nil {
			return nil, err
		}
	}
	err := m.readWorkspace(ctx, from)
	return m, err
}

// findModule asks for the module of a folder.
func (m *home) findModule(ctx context.Context, from string) error {
	if err := advise.Failure(from, nil); err != nil {
		return err
	}
	out, err := command{dir: from}.runGo(ctx, "env", "GOMOD")
	if err != nil {
		return err
	}
	file := strings.TrimSpace(out)
	if file == "" || file == os.DevNull { // in a workspace, but in no module of it
		return advise.ErrNoModule
	}
	m.dir = filepath.Dir(file)
	mod, err := readMod(ctx, file)
	m.path = mod.Module.Path
	return err
}

// readWorkspace asks which modules go.work joins.
func (m *home) readWorkspace(ctx context.Context, from string) error {
	out, err := command{dir: from}.runGo(ctx, "env", "GOWORK")
	if work := strings.TrimSpace(out); err != nil || work == "" || work == "off" {
		return err
	}
	out, err = command{dir: from}.runGo(ctx, "list", "-m", "-f", "{{.Path}}\t{{.Dir}}")
	m.workspace = map[string]string{}
	for line := range strings.Lines(out) {
		path, dir, _ := strings.Cut(strings.TrimSpace(line), "\t")
		m.workspace[path] = dir
	}
	return err
}

// outsideWorkspace says whether the go command, for the sake of go.work, will not look at the module.
func (m *home) outsideWorkspace() bool {
	return m.workspace != nil && !slices.Contains(slices.Collect(maps.Values(m.workspace)), m.dir)
}

// importFolder returns the way from the top folder of the module, as import paths write it.
func (m *home) importFolder(dir string) string {
	rel, err := filepath.Rel(m.dir, dir)
	if err != nil {
		return "."
	}
	return filepath.ToSlash(rel)
}

// importable is the name of a folder that can be part of an import path, and that ./... does not
// pass over.
var importable = regexp.MustCompile(`^[A-Za-z0-9~+-][A-Za-z0-9~+._-]*$`)

// acceptsFolder returns an error when the go command finds no package in a folder of that name.
func (m *home) acceptsFolder(dir string) error {
	if dir == m.dir {
		return nil
	}
	for name := range strings.SplitSeq(m.importFolder(dir), "/") {
		if !importable.MatchString(name) || name == "testdata" || name == "vendor" {
			return fmt.Errorf("the go command takes no package from a folder named %q: use letters, digits and -", name)
		}
	}
	return nil
}

// major is the end of the import path of a later major version, which names nothing.
var major = regexp.MustCompile(`^v[0-9]+$`)

// packageName is what people call the package in a folder: the last word of its import path.
func (m *home) packageName(dir string) string {
	full := path.Join(m.path, m.importFolder(dir))
	if name := path.Base(full); !major.MatchString(name) {
		return name
	}
	return path.Base(path.Dir(full))
}

// mod is what go.mod says, of what matters here.
type mod struct {
	Module  struct{ Path string }
	Require []struct{ Path, Version string }
	Replace []struct {
		Old struct{ Path, Version string }
	}
}

func readMod(ctx context.Context, file string) (m mod, err error) {
	out, err := command{dir: filepath.Dir(file)}.runGo(ctx, "mod", "edit", "-json", file)
	if err == nil {
		err = json.Unmarshal([]byte(out), &m)
	}
	return m, err
}
