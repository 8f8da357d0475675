package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// moduleFolders returns the folder of the module that dir belongs to, or of all that its workspace
// joins, and the go.work of that, if there is one.
func moduleFolders(ctx context.Context, dir string) (folders, files []string, err error) {
	env, err := goCommand(ctx, dir, "env", "GOMOD", "GOWORK")
	if err != nil {
		return nil, nil, err
	}
	if len(env) < 2 || env[0] == "" || env[0] == os.DevNull {
		return nil, nil, errors.New("there is no go.mod here or in a folder above")
	}
	if env[1] != "" && env[1] != "off" {
		files = []string{env[1]}
	}
	folders, err = goCommand(ctx, dir, "list", "-m", "-f", "{{.Dir}}")
	return folders, files, err
}

// goCommand returns the lines that the go command prints.
func goCommand(ctx context.Context, dir string, args ...string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if said := strings.TrimSpace(stderr.String()); err != nil && said != "" {
		return nil, fmt.Errorf("go %s: %s", args[0], said)
	}
	if err != nil {
		return nil, fmt.Errorf("go %s: %w", args[0], err)
	}
	text := strings.ReplaceAll(string(out), "\r\n", "\n")
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n"), nil
}
