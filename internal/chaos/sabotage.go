package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A patch is made, or made anew, by changing the code: git diff -U2 >internal/chaos/patches/NAME.patch,
// and then the change is taken back.
//
//go:embed patches
var patches embed.FS

// program returns the program that workers and publishers run: this one, or with a sabotage
// one that is built from patched files. No production code knows of that.
func (o *options) program(ctx context.Context, dir string) (string, error) {
	if o.sabotage == "" {
		return os.Executable()
	}
	patch, err := patches.ReadFile("patches/" + o.sabotage + ".patch")
	if err != nil {
		return "", fmt.Errorf("no sabotage of that name: %w", err)
	}
	root, err := output(exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/necrostack/necrogen"))
	if err != nil {
		return "", err
	}
	overlay, err := overlay(ctx, strings.TrimSpace(root), filepath.Join(dir, "patched"), patch)
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "sabotaged")
	build := exec.CommandContext(ctx, "go", "build", "-overlay", overlay, "-o", program, "./internal/chaos")
	build.Dir = strings.TrimSpace(root)
	_, err = output(build)
	return program, err
}

// overlay copies the files that a patch changes to dir and patches them there. It returns
// the name of the file that tells go build to take these.
func overlay(ctx context.Context, root, dir string, patch []byte) (string, error) {
	replace := map[string]string{}
	for text := range bytes.Lines(patch) {
		name, ok := strings.CutPrefix(strings.TrimSpace(string(text)), "+++ b/")
		if !ok {
			continue
		}
		replace[filepath.Join(root, name)] = filepath.Join(dir, name)
		if err := copyFile(filepath.Join(dir, name), filepath.Join(root, name)); err != nil {
			return "", err
		}
	}
	apply := exec.CommandContext(ctx, "git", "apply")
	apply.Dir, apply.Stdin = dir, bytes.NewReader(patch)
	apply.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir)) // it is part of no repository
	if _, err := output(apply); err != nil {
		return "", fmt.Errorf("the patch does not apply any more, make it anew: %w", err)
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, list, 0o666)
}

func copyFile(to, from string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o666)
}

// output runs a command, and returns what it printed. Its error says what it complained of.
func output(cmd *exec.Cmd) (string, error) {
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, complaints.Bytes())
	}
	return string(out), nil
}
