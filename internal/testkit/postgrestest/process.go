package postgrestest

import (
	"fmt"
	"math/rand/v2"
	"os"
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

// writeFiles writes files of that account into a folder, by their names.
func writeFiles(dir string, files map[string][]byte) error {
	account, err := findAccount()
	if err != nil {
		return err
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
		if err := account.own(path); err != nil {
			return err
		}
	}
	return nil
}

// startOnFreePort tries ports until a server takes one. They lie below those that systems give to outgoing connections.
func startOnFreePort(start func(port int) error) (err error) {
	for range 20 {
		if err = start(10000 + rand.IntN(20000)); err == nil {
			return nil
		}
	}
	return err
}
