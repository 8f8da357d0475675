package scaffold

import (
	"os"
	"path/filepath"
)

// Step is a command that the user types next, with its folder and its purpose.
type Step struct{ In, Command, Why string }

// nextSteps returns the remaining steps.
func (m *home) nextSteps(dir string) []Step {
	var steps []Step
	if m.outsideWorkspace() {
		steps = append(steps, Step{m.dir, "go work use .", "joins the module to your go.work"})
	}
	if _, err := os.Stat(filepath.Join(m.dir, "vendor", "modules.txt")); err == nil {
		steps = append(steps, Step{m.dir, "go mod vendor", "puts necrogen into your vendor folder"})
	}
	return append(steps,
		Step{dir, "go generate", "writes necro_gen.go; commit it"},
		Step{dir, "go run .", "prints Hello, world!"},
		Step{dir, "go test ./...", "finds out when the generated code is stale"},
	)
}
