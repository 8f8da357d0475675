package necro

import (
	"errors"
	"io"
	"runtime/debug"

	"github.com/necrostack/necrogen/internal/topology"
	"github.com/necrostack/necrogen/runtime/contract"
)

// WriteTopology writes what these organs can read, handle and emit, for necroctl prove, which compares it with a running system before
// the program is deployed. It is what necrogen topology writes of their source, without events that no organ handles or emits: so a
// program that has no source at hand can say what it is.
func WriteTopology(w io.Writer, organs ...Organ) error {
	var specs []contract.OrganSpec
	for _, o := range organs {
		if o == nil {
			return errors.New("write the topology: an organ is nil")
		}
		specs = append(specs, o.NecroOrgan())
	}
	module, version := builtFrom()
	return topology.OfSpecs(module, version, specs).Write(w)
}

// builtFrom returns the module of the program, and the version of the one of this package.
func builtFrom() (module, version string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", ""
	}
	version = "(devel)"
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == "github.com/necrostack/necrogen" && m.Version != "" {
			version = m.Version
		}
	}
	return info.Main.Path, version
}
