package source

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// listed is what go list says of a package.
type listed struct {
	Dir        string
	ImportPath string
	Name       string
	Standard   bool
	DepOnly    bool
	Export     string

	GoFiles        []string
	CgoFiles       []string
	InvalidGoFiles []string
	IgnoredGoFiles []string
	TestGoFiles    []string
	XTestGoFiles   []string
	SwigFiles      []string
	SwigCXXFiles   []string
	Imports        []string
	ImportMap      map[string]string
	Module         *listedModule
	Error          *listedError
}

// listedError is the fault of a package.
type listedError struct{ Err string }

// listedModule is what go list says of a package's module.
type listedModule struct {
	Main      bool
	Path      string
	Dir       string
	GoVersion string // of the language that its packages are written in
}

// listFields keeps go list from working out fields that are not read here. It must name no field that needs a
// build, such as Export or Stale.
const listFields = "-json=Dir,ImportPath,Name,Standard,DepOnly,GoFiles,CgoFiles,InvalidGoFiles,IgnoredGoFiles," +
	"TestGoFiles,XTestGoFiles,SwigFiles,SwigCXXFiles,Imports,ImportMap,Module,Error"

// inMainModule says whether the package belongs to the main module or to one of the workspace.
func (p *listed) inMainModule() bool { return p.Module != nil && p.Module.Main }

// moduleOf returns the path of the module that a package belongs to; "" for the standard library.
// The tests of a package that stand outside of it belong to its module, too.
func (l *loader) moduleOf(path string) string {
	p := l.listed[path]
	if p == nil {
		p = l.listed[strings.TrimSuffix(path, "_test")]
	}
	if p == nil || p.Module == nil {
		return ""
	}
	return p.Module.Path
}

// loadFailure returns why there is nothing to read, or "". An error of a package that has files is no failure: the
// faults of the files show up again if they matter.
func (p *listed) loadFailure() string {
	hasFiles := len(p.GoFiles)+len(p.CgoFiles)+len(p.InvalidGoFiles)+len(p.TestGoFiles)+len(p.XTestGoFiles) > 0
	if hasFiles || p.Error == nil {
		return ""
	}
	return strings.TrimSpace(p.Error.Err)
}

// runGoList runs go list without building anything: packages and all their dependencies.
func runGoList(ctx context.Context, dir string, patterns []string) ([]*listed, error) {
	args := append([]string{"list", "-e", "-deps", listFields, "--"}, patterns...)
	return runList(ctx, dir, args)
}

// listExport finds the export data of packages, which builds them if need be. It is only for
// packages outside the main module: building the user's own may take minutes.
func listExport(ctx context.Context, dir string, paths []string) ([]*listed, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	args := append([]string{"list", "-e", "-export", "-json=ImportPath,Export,Error", "--"}, paths...)
	return runList(ctx, dir, args)
}

func runList(ctx context.Context, dir string, args []string) ([]*listed, error) {
	stdout, err := runGo(ctx, dir, args)
	if err != nil {
		return nil, err
	}
	var out []*listed
	for dec := json.NewDecoder(bytes.NewReader(stdout)); ; {
		p := new(listed)
		switch err := dec.Decode(p); {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, fmt.Errorf("reading the output of go list: %w", err)
		}
		out = append(out, p)
	}
}

// runGo runs the go command. Its error says what the command said, which is what a user can
// act on.
func runGo(ctx context.Context, dir string, args []string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if said := strings.TrimSpace(stderr.String()); err != nil && said != "" {
		err = errors.New(said)
	}
	if err != nil {
		return nil, fmt.Errorf("go %s: %w", args[0], err)
	}
	return stdout.Bytes(), nil
}
