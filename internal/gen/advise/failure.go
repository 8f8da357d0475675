package advise

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
)

// ErrNoModule says that a folder is in no module.
var ErrNoModule = errors.New(`there is no go.mod here or in a folder above: start with "go mod init example.com/app", ` +
	`or let "necrogen init -module example.com/app" write a first program`)

var (
	errNoGo = errors.New("the go command is not in PATH: install Go 1.26 or later from https://go.dev/dl, " +
		"or add the folder of its bin to PATH")
	errModulesOff = errors.New("GO111MODULE=off: necrogen works in modules; unset it")
)

// Failure returns a better error for what kept packages from being loaded in dir, where one of
// the usual reasons is found, and else the error itself. Without a module the go command may
// have found no packages, and no error either: then err is nil.
func Failure(dir string, err error) error {
	if _, missing := exec.LookPath("go"); missing != nil {
		return errNoGo
	}
	switch {
	case os.Getenv("GO111MODULE") == "off":
		return errModulesOff
	case nearestFolder(dir, "go.mod") == "" && !inWorkspace(dir):
		return ErrNoModule
	}
	return err
}

// inWorkspace says whether the go command would take a go.work for packages in dir.
func inWorkspace(dir string) bool {
	switch os.Getenv("GOWORK") {
	case "off":
		return false
	case "":
		return nearestFolder(dir, "go.work") != ""
	}
	return true
}

// nearestFolder returns the nearest folder with such a file: dir or one above it.
func nearestFolder(dir, name string) string {
	for {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && !info.IsDir() {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}
