package scaffold

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/necrostack/necrogen/internal/gen/write"
)

// Options say what to write.
type Options struct {
	Dir     string       // absolute; it need not be there
	Module  string       // the path of a module to begin in Dir; empty in a module that there is
	Service string       // the name of a service, which is written in place of the smallest program
	Version string       // of necrogen, where the module requires none yet; empty for the latest
	Log     func(string) // is told what may take long
}

// Result lists the written files and the next steps.
type Result struct {
	Changes []write.Change
	Next    []Step
}

// Init writes the program and, where they lack something, go.mod and go.sum. After an error
// everything is as it was.
func Init(ctx context.Context, o Options) (Result, error) {
	if err := checkServiceName(o.Service); err != nil {
		return Result{}, err
	}
	if err := inTheWay(o); err != nil {
		return Result{}, err
	}
	m, err := findModule(ctx, o)
	if err != nil {
		return Result{}, err
	}
	if err := m.acceptsFolder(o.Dir); err != nil {
		return Result{}, err
	}
	changes, err := m.requireModule(ctx, o)
	if err != nil {
		return Result{}, err
	}
	if o.Service != "" {
		changes = append(changes, m.serviceFiles(o)...)
	} else {
		changes = append(changes, programFiles(o.Dir, m.packageName(o.Dir), o.Dir != m.dir)...)
	}
	if err := applyChanges(changes, o.folders()...); err != nil {
		return Result{}, err
	}
	return Result{changes, m.nextSteps(o)}, nil
}

// folders lists the folders of the program, those above first.
func (o Options) folders() []string {
	if o.Service != "" {
		return []string{o.Dir, filepath.Join(o.Dir, deployFolder)}
	}
	return []string{o.Dir}
}

// applyChanges writes the changes. It makes the folders, and takes them away again when the changes can't be written.
func applyChanges(changes []write.Change, folders ...string) error {
	var made []string
	var err error
	for _, dir := range folders {
		if missing := firstMissing(dir); missing != "" {
			made = append(made, missing)
		}
		err = errors.Join(err, os.MkdirAll(dir, 0o777))
	}
	if err == nil {
		err = write.Apply(changes)
	}
	if err != nil {
		for _, dir := range made {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}
	return err
}

// firstMissing returns the topmost folder of a path that is not there, or "".
func firstMissing(dir string) string {
	missing := ""
	for {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			return missing
		}
		missing, dir = dir, filepath.Dir(dir)
	}
}
