package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// TestCrashes has one fault at every call of the backend, one in each run, and wants the same
// result. After a crash Aggregate begins with its journal.
func TestCrashes(t *testing.T) {
	chunks, all := someChunks(t)
	dir := t.TempDir()
	faults := necrotest.Exhaust(t, func(w *necrotest.World) {
		name, output := filepath.Join(dir, "journal"), filepath.Join(dir, "summary.csv")
		os.Remove(name)
		os.Remove(output)
		var totals *Totals
		w.Organs = func() []necro.Organ {
			j, entries, run, err := openJournal(name, "1", Input{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { j.file.Close() })
			a := NewAggregate(run, all, j, entries)
			totals = &a.totals
			return []necro.Organ{&Extract{}, &Clean{}, &Transform{}, a, &Store{run: run, output: output}}
		}
		w.Snapshot = func() any {
			result, err := os.ReadFile(output)
			return []any{*totals, string(result), err}
		}
	}, chunks...)
	if faults < 200 {
		t.Errorf("%d faults: want more than 200", faults)
	}
}

// someChunks divides a file with rows of all kinds, and returns how many bytes of it are rows.
func someChunks(t *testing.T) (events []necro.Event, all int64) {
	t.Helper()
	lines := strings.SplitAfter(string(penguins), "\n")
	text := strings.Join(append(lines[:8], "Gentoo,Biscoe,x,1,2,3,MALE\n", "Gentoo\n", lines[200], lines[300]), "")
	name := filepath.Join(t.TempDir(), "in.csv")
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := openSource(&options{input: name, chunk: 150}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for {
		r, line, err := s.plan.nextRange(s.Chunk)
		if err != nil {
			return events, s.Size - s.body
		}
		events = append(events, &ChunkFound{Run: "1", File: s.File, Range: r, Line: line, Layout: s.layout})
	}
}
