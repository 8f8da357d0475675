package watch

import (
	"context"
	"path/filepath"
	"slices"
	"time"
)

const (
	pause  = 200 * time.Millisecond // between two looks
	settle = 50 * time.Millisecond  // how long files must rest before they count as saved
	share  = 10                     // looking takes at most this part of the time
)

// Watcher watches all files of a module or a workspace: any of its packages may matter to any other.
type Watcher struct {
	dir            string
	folders, files []string
	seen           snapshot
}

// New begins to watch from now on.
func New(ctx context.Context, dir string) (*Watcher, error) {
	w := &Watcher{dir: dir}
	var err error
	w.folders, w.files, err = moduleFolders(ctx, dir)
	w.seen = takeSnapshot(w.folders, w.files)
	return w, err
}

// Wait returns true when files have changed, and have come to rest, and false when ctx is done.
// What changes between two calls counts for the second, but for what the caller has written or
// removed itself.
func (w *Watcher) Wait(ctx context.Context, own []string) bool {
	for _, path := range own {
		w.seen.addFile(path)
	}
	for {
		start := time.Now()
		now := takeSnapshot(w.folders, w.files)
		changed := now.changedFiles(w.seen)
		if len(changed) > 0 {
			return w.awaitRest(ctx, now)
		}
		if !sleepFor(ctx, max(pause, share*time.Since(start))) {
			return false
		}
	}
}

// awaitRest waits until the files rest: an editor or git may be writing several.
func (w *Watcher) awaitRest(ctx context.Context, now snapshot) bool {
	for {
		if !sleepFor(ctx, settle) {
			return false
		}
		later := takeSnapshot(w.folders, w.files)
		if len(later.changedFiles(now)) == 0 {
			w.takeSeen(ctx, later)
			return true
		}
		now = later
	}
}

// takeSeen takes a snapshot for seen. Where a module file has changed, there may be other folders to watch. While it
// is broken they stay as they were, because generating tells the fault.
func (w *Watcher) takeSeen(ctx context.Context, now snapshot) {
	isModule := func(path string) bool { return isModuleFile(filepath.Base(path)) }
	if slices.ContainsFunc(now.changedFiles(w.seen), isModule) {
		if folders, files, err := moduleFolders(ctx, w.dir); err == nil {
			w.folders, w.files = folders, files
			now = takeSnapshot(folders, files)
		}
	}
	w.seen = now
}

// sleepFor waits, and returns false when ctx ends first.
func sleepFor(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
