package postgrestest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/necrostack/necrogen/internal/testkit/serverprocess"
)

// startProcess starts a program in a folder, as the account that servers run as.
func startProcess(dir, path string, args []string) (*serverprocess.Process, error) {
	account, err := findAccount()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.SysProcAttr = dir, account.attributes()
	return serverprocess.Start(cmd, filepath.Join(dir, "postgres.log"))
}

// findProgram looks for a program of PostgreSQL: that of the newest version that Debian has installed, else one in PATH.
func findProgram(name string) (string, error) {
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name); len(found) > 0 {
		return slices.Max(found), nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("the tests need PostgreSQL: apt-get install postgresql: %w", err)
	}
	return path, nil
}
