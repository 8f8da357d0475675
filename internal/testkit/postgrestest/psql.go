package postgrestest

import (
	"fmt"
	"os/exec"
	"strings"
)

// RunScript runs statements as psql does for an administrator, up to the first that fails.
func (s *Server) RunScript(statements string) error {
	path, err := findProgram("psql")
	if err != nil {
		return err
	}
	cmd := exec.Command(path, "-X", "-q", "-v", "ON_ERROR_STOP=1", s.URL())
	cmd.Stdin = strings.NewReader(statements)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("psql: %w: %s", err, out)
	}
	return nil
}
