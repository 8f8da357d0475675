package analyzers

import "golang.org/x/tools/go/analysis"

// All returns the analyzers.
func All() []*analysis.Analyzer {
	return []*analysis.Analyzer{eventwrite, goroutine, emitlate, publish, organstate, lintignore}
}

// runtimePath is the package of Spine, Emit and Event.
const runtimePath = "github.com/necrostack/necrogen/runtime"

// contractPath is the package of what generated code and the runtime agree on.
const contractPath = runtimePath + "/contract"
