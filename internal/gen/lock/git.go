package lock

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// repository is the git repository that a folder stands in, at a revision.
type repository struct {
	ctx      context.Context
	dir      string // the folder that git runs in
	top      string // the top folder
	prefix   string // from the top folder to dir: "shop/", or nothing
	revision string
	env      []string
}

// openRepository finds the repository of a folder by where the folder stands. A hook inherits
// GIT_DIR and the like, with which git would take any folder for the top one: they count only where
// nothing is found without them.
func openRepository(ctx context.Context, dir, revision string) (*repository, error) {
	r := &repository{ctx: ctx, dir: dir, revision: revision, env: withoutGit(os.Environ())}
	out, err := r.runGit("rev-parse", "--show-toplevel", "--show-prefix")
	if err != nil {
		r.env = os.Environ()
		if out, err = r.runGit("rev-parse", "--show-toplevel", "--show-prefix"); err != nil {
			return nil, err
		}
	}
	top, prefix, _ := strings.Cut(string(out), "\n")
	r.top, r.prefix = strings.TrimSuffix(top, "\r"), strings.TrimRight(prefix, "\r\n")
	if _, err := r.runGit("rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}"); err != nil {
		return nil, fmt.Errorf("there is no revision %s: %w", revision, err)
	}
	return r, nil
}

// withoutGit leaves out what says where a repository is: the variables that git calls local.
func withoutGit(env []string) []string {
	return slices.DeleteFunc(env, func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		switch name {
		case "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE",
			"GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CEILING_DIRECTORIES":
			return true
		}
		return false
	})
}

// listFiles lists the files below the folder at the revision, from the top folder on.
func (r *repository) listFiles() ([]string, error) {
	args := []string{"ls-tree", "-r", "-z", "--name-only", "--full-tree", r.revision}
	if r.prefix != "" {
		args = append(args, "--", r.prefix)
	}
	out, err := r.runGit(args...)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"), nil
}

// readFile returns a file at the revision; its path is from the top folder on.
func (r *repository) readFile(path string) ([]byte, error) {
	return r.runGit("show", r.revision+":"+path)
}

// absPath returns the absolute path of a file of the repository.
func (r *repository) absPath(path string) string {
	return filepath.Join(r.top, filepath.FromSlash(path))
}

// runGit runs git, and returns its output.
func (r *repository) runGit(args ...string) ([]byte, error) {
	cmd := exec.CommandContext(r.ctx, "git", args...)
	cmd.Dir, cmd.Env = r.dir, r.env
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
