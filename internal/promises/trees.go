package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// tree is a copy of the repository.
type tree string

type trees []tree

// result says how a facet fared: err is nil when its test is red with the patch.
type result struct {
	err  error
	took time.Duration
}

// newTrees copies the working tree, without what git ignores.
func newTrees(ctx context.Context, n int) (list trees, err error) {
	files, err := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files: %w", err)
	}
	for range n {
		dir, err := os.MkdirTemp("", "promises")
		if err != nil {
			return nil, errors.Join(err, list.remove())
		}
		list = append(list, tree(dir))
		for name := range strings.SplitSeq(strings.TrimSuffix(string(files), "\x00"), "\x00") {
			if err := copyFile(filepath.Join(dir, name), name); err != nil {
				return nil, errors.Join(err, list.remove())
			}
		}
	}
	return list, nil
}

func copyFile(to, from string) error {
	data, err := os.ReadFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // deleted, and still known to git
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}

func (ts trees) remove() error {
	var errs []error
	for _, t := range ts {
		errs = append(errs, os.RemoveAll(string(t)))
	}
	return errors.Join(errs...)
}

// baseline wants all tests to pass before anything is taken away.
func (t tree) baseline(ctx context.Context, list []promise) error {
	tests := map[string][]string{}
	for _, p := range list {
		for _, f := range p.facets {
			tests[f.dir] = append(tests[f.dir], f.test)
		}
	}
	for dir, names := range tests {
		verdicts, output := t.test(ctx, dir, names...)
		for _, name := range names {
			if v := verdicts[name]; v != green {
				return fmt.Errorf("%s %s before anything is taken away:\n%s", name, v, output)
			}
		}
	}
	return nil
}

// start tries all facets, as many at a time as there are trees.
func (ts trees) start(ctx context.Context, list []promise) map[facet]chan result {
	results := map[facet]chan result{}
	var queue []facet
	for _, p := range list {
		for _, f := range p.facets {
			results[f] = make(chan result, 1)
			queue = append(queue, f)
		}
	}
	jobs := make(chan facet, len(queue))
	for _, f := range queue {
		jobs <- f
	}
	close(jobs)
	for _, t := range ts {
		go func() {
			for f := range jobs {
				start := time.Now()
				err := t.try(ctx, f)
				results[f] <- result{err, time.Since(start)}
			}
		}()
	}
	return results
}

// try wants a test to be red with its patch.
func (t tree) try(ctx context.Context, f facet) error {
	if err := t.apply(ctx, f); err != nil {
		return fmt.Errorf("%s does not apply any more, make it anew: %w", f.file(), err)
	}
	verdicts, output := t.test(ctx, f.dir, f.test)
	if err := t.apply(ctx, f, "--reverse"); err != nil {
		return fmt.Errorf("%s cannot be taken back: %w", f.file(), err)
	}
	if v := verdicts[f.test]; v != red {
		return fmt.Errorf("with %s the test %s:\n%s", f.file(), v, output)
	}
	return nil
}

// apply brings a patch into the tree.
func (t tree) apply(ctx context.Context, f facet, flags ...string) error {
	patch, err := patches.ReadFile(f.file())
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "git", append([]string{"apply"}, flags...)...)
	cmd.Dir = string(t)
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(string(t))) // it is part of no repository
	cmd.Stdin = bytes.NewReader(patch)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}
