package sqlite

import (
	"errors"
	"path/filepath"
	"sync"
	"time"
)

// turn is the lock that the writers of one file in one process take in front of SQLite's, in the order in which they come.
// Without it a writer that polls for SQLite's lock would never find it free beside a busy neighbour. A process that opens a
// file once never waits for it.
type turn chan struct{}

// turns are those of all files that this process has opened, by path.
var turns sync.Map

func turnOf(path string) turn {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	found, _ := turns.LoadOrStore(path, make(turn, 1))
	return found.(turn)
}

var errTurn = errors.New("another backend of this process has the file")

// take waits for the turn.
func (t turn) take(patience time.Duration) error {
	select {
	case t <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case t <- struct{}{}:
		return nil
	case <-timer.C:
		return errTurn
	}
}

func (t turn) leave() { <-t }
