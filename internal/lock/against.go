package lock

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/necrostack/necrogen/internal/diag"
	"github.com/necrostack/necrogen/internal/spec"
)

// Against compares the events of the root packages with their locks in a git revision, and says
// whether it has any.
func Against(ctx context.Context, t *spec.Topology, revision string) (diags []diag.Diagnostic, found bool, err error) {
	for _, p := range t.Packages {
		if !p.Root || p.Test {
			continue
		}
		content, err := show(ctx, p.Dir, revision)
		if err != nil {
			return nil, false, err
		}
		if content == nil {
			continue
		}
		found = true
		path := filepath.Join(p.Dir, FileName)
		old, err := Parse(content)
		if err != nil {
			return nil, false, fmt.Errorf("%s at %s: %w", path, revision, err)
		}
		diags = append(diags, Diagnostics(path, Compare(old, Snapshot(p)))...)
	}
	return diags, found, nil
}

// show returns a folder's lock in a revision; nil when there was none.
func show(ctx context.Context, dir, revision string) ([]byte, error) {
	if _, err := git(ctx, dir, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}"); err != nil {
		return nil, fmt.Errorf("there is no revision %s: %w", revision, err)
	}
	listed, err := git(ctx, dir, "ls-tree", "--name-only", revision, "--", FileName)
	if err != nil || len(listed) == 0 {
		return nil, err
	}
	return git(ctx, dir, "show", revision+":./"+FileName)
}

// git runs git in a folder, and returns what it prints.
func git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if text := strings.TrimSpace(stderr.String()); text != "" {
			err = errors.New(text)
		}
		return nil, fmt.Errorf("git: %w", err)
	}
	return stdout.Bytes(), nil
}
