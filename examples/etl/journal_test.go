package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/examples/internal/clitest"
)

// TestJournal cuts a journal off at many places, as a crash may: what it has then are the
// first of its entries, and it can be gone on with.
func TestJournal(t *testing.T) {
	name, input := filepath.Join(t.TempDir(), "journal"), Input{File: "in.csv", Size: 30, Modified: 1, Chunk: 10}
	sample := Sample{Group{"Emperor", "Ross", "male"}, 30 * one, 40 * one, 4 * one}
	want := []Entry{
		{Range{0, 10}, totalsOf([]Sample{sample, sample}, nil)},
		{Range{10, 20}, totalsOf([]Sample{sample}, []Reject{{Line: 4, Column: "sex", Reason: "is NA"}})},
	}
	open := func(run string, input Input) (*Journal, []Entry, string) {
		t.Helper()
		j, entries, run, err := openJournal(name, run, input)
		if err != nil {
			t.Fatal(err)
		}
		return j, entries, run
	}
	j, _, _ := open("first", input)
	for i := range want {
		if err := j.writeLine(want[i]); err != nil {
			t.Fatal(err)
		}
	}
	j.endJournal(true)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n <= len(text); n += 7 {
		if err := os.WriteFile(name, text[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		lines := bytes.Count(text[:n], []byte("\n"))
		j, entries, run := open("second", input)
		switch {
		case lines == 0 && (run != "second" || len(entries) > 0):
			t.Fatalf("%d bytes: run %s with %d entries", n, run, len(entries))
		case lines > 0 && (run != "first" || len(entries) != lines-1 || lines > 1 && !reflect.DeepEqual(entries, want[:lines-1])):
			t.Fatalf("%d bytes: run %s with %+v", n, run, entries)
		}
		if err := j.writeLine(want[0]); err != nil {
			t.Fatal(err)
		}
		j.endJournal(true)
		j, again, _ := open("third", input)
		if len(again) != len(entries)+1 {
			t.Fatalf("%d bytes: %d entries, then %d", n, len(entries), len(again))
		}
		j.endJournal(true)
	}
	input.Size++
	j, entries, run := open("fourth", input)
	if run != "fourth" || len(entries) > 0 {
		t.Errorf("another input: run %s with %d entries", run, len(entries))
	}
	if err := j.endJournal(false); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(name); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
}

// TestFileThatChanges is cut off after its size was looked at.
func TestFileThatChanges(t *testing.T) {
	name := filepath.Join(t.TempDir(), "in.csv")
	writeRows(t, name, 1000)
	got := runCut(t, name)
	got.Expect(t, cli.ExitWrong, []string{"not written, as not all is counted\n"},
		[]string{"extract gave up ", " events, the last after 1 attempts: " + name + ":", ": the file was cut off while it was read"})
}

// runCut runs the program on a file that is cut off when the first chunk was counted.
func runCut(t *testing.T, name string) outcome {
	t.Helper()
	var stdout bytes.Buffer
	stderr := &cancelling{cancel: func() { os.Truncate(name, 3000) }}
	code := runProgram(t.Context(), []string{"--input", name, "--output", name + ".out", "--chunk", "1024", "--window", "1", "--log-level", "debug"}, &stdout, stderr)
	return outcome{Outcome: clitest.Outcome{Code: code, Stdout: stdout.String(), Stderr: stderr.String()}}
}
