package scaffold

import (
	"os"
	"path/filepath"
)

// Step is a command that the user types next, with its folder and its purpose.
type Step struct{ In, Command, Why string }

// nextSteps returns the remaining steps.
func (m *home) nextSteps(o Options) []Step {
	var steps []Step
	if m.outsideWorkspace() {
		steps = append(steps, Step{m.dir, "go work use .", "joins the module to your go.work"})
	}
	if _, err := os.Stat(filepath.Join(m.dir, "vendor", "modules.txt")); err == nil {
		steps = append(steps, Step{m.dir, "go mod vendor", "puts necrogen into your vendor folder"})
	}
	runs := "prints Hello, world!"
	if o.Service != "" {
		runs = "serves; curl -d '{\"name\":\"world\"}' localhost:8080/greetings"
	}
	return append(steps,
		Step{o.Dir, "go generate", "writes necro_gen.go; commit it"},
		Step{o.Dir, "go run .", runs},
		Step{o.Dir, "go test ./...", "finds out when the generated code is stale"},
	)
}
