package lock

import (
	"os"
	"path/filepath"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// compareMoved compares events with their present form: in their own package, or else in the first of the others
// that has them. Others are asked for only when an event has left its package.
func compareMoved(old, own *File, others func() []*File) []Change {
	stayed, gone := divideEvents(old, func(e Event) bool { return own.eventSuccessor(e) != nil })
	changes := Compare(stayed, own)
	if len(gone.all()) == 0 {
		return changes
	}
	for _, other := range others() {
		var moved *File
		moved, gone = divideEvents(gone, func(e Event) bool { return other.eventSuccessor(e) != nil })
		changes = append(changes, Compare(moved, other)...)
	}
	return append(changes, Compare(gone, own)...)
}

// divideEvents divides the events of a file into those that match and the rest.
func divideEvents(f *File, matches func(Event) bool) (matching, rest *File) {
	matching, rest = &File{Structs: f.Structs}, &File{Structs: f.Structs}
	for _, e := range f.all() {
		into := rest
		if matches(e) {
			into = matching
		}
		if e.state {
			into.States = append(into.States, e)
		} else {
			into.Events = append(into.Events, e)
		}
	}
	return matching, rest
}

// snapshotPackages returns the packages of a topology as they are now, but for one, and but for those that do
// not count.
func snapshotPackages(t *model.Topology, but *model.Package, counts func(*model.Package) bool) []*File {
	var files []*File
	for _, p := range t.Packages {
		if p != but && !p.Test && len(p.Coded()) > 0 && counts(p) {
			files = append(files, Snapshot(p))
		}
	}
	return files
}

// isLocked says whether a package has a lock.
func isLocked(p *model.Package) bool {
	_, err := os.Stat(filepath.Join(p.Dir, FileName))
	return err == nil
}
