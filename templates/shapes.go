package templates

import "github.com/necrostack/necrogen/internal/gen/model"

// Fingerprints returns the hashes of the wire shapes of a package's events and states, as its generated file has them. Those of other
// modules, whose fields are not known, are left out.
func Fingerprints(pkg *model.Package) map[*model.Event]uint64 {
	g := newGenerator(pkg)
	prints := map[*model.Event]uint64{}
	for _, e := range pkg.Coded() {
		if e.Struct != nil {
			prints[e] = g.fingerprintOf(e.Struct)
		}
	}
	return prints
}
