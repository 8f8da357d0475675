package redistest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/necrostack/necrogen/internal/testkit/serverprocess"
)

// startProgram starts a program in a folder, with variables beside those of this process. Its output goes to a log file
// there.
func startProgram(dir, path string, args []string, env ...string) (*serverprocess.Process, error) {
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Dir, cmd.SysProcAttr = dir, processAttributes()
	return serverprocess.Start(cmd, filepath.Join(dir, "redis-server.log"))
}

// endFailure tells why a process ended by itself.
func endFailure(p *serverprocess.Process) error {
	if strings.Contains(p.ReadLog(), "Address already in use") {
		return syscall.EADDRINUSE
	}
	return fmt.Errorf("ended: %v", p.State())
}
