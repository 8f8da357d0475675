// Package topology lets a program say what it is, for necroctl prove, which compares a release with a running system before the release
// is deployed.
//
//	if len(os.Args) == 2 && os.Args[1] == "topology" {
//		err = topology.Write(os.Stdout, organs...)
//	}
package topology

import (
	"errors"
	"io"
	"runtime/debug"

	inner "github.com/necrostack/necrogen/internal/topology"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Write writes what these organs can read, handle and emit. It is what necrogen topology writes of their source, without events
// that no organ handles or emits, and with the older versions of events of other modules.
func Write(w io.Writer, organs ...contract.Organ) error {
	var specs []contract.OrganSpec
	for _, o := range organs {
		if o == nil {
			return errors.New("write the topology: an organ is nil")
		}
		specs = append(specs, o.NecroOrgan())
	}
	module, version := builtFrom()
	return inner.OfSpecs(module, version, specs).Write(w)
}

// builtFrom returns the module of the program, and that of the module of this package.
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
