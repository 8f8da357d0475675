package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/necrostack/necrogen/examples/internal/cli"
)

// Journal is a file that has what a run counted so far, a line of JSON for each range. It
// is Aggregate's own: no event needs it. Without one, nothing is written.
type Journal struct {
	file *os.File
	size int64
}

// Input is what a run works on. A journal of another input is of no use.
type Input struct {
	File     string `json:"file"` // as an absolute path
	Size     int64  `json:"size"`
	Modified int64  `json:"modified"` // Unix nanoseconds
	Chunk    int64  `json:"chunk"`    // bytes
}

// Head is the first line of a journal.
type Head struct {
	Run   string `json:"run"`
	Input Input  `json:"input"`
}

// Entry holds the totals of a range.
type Entry struct {
	Range
	Totals Totals `json:"totals"`
}

// openJournal opens the journal of a run on this input, and returns its entries and the id of the run. If there
// is none, it begins one for this run.
func openJournal(name, run string, input Input) (j *Journal, entries []Entry, _ string, err error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, nil, "", cli.FileError(name, err)
	}
	j = &Journal{file: f}
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, nil, "", errors.Join(cli.FileError(name, err), f.Close())
	}
	head, entries, size := readJournal(text)
	if size > 0 && head.Input == input {
		j.size, run = size, head.Run
		err = j.cutTail()
	} else {
		entries, err = nil, errors.Join(j.cutTail(), j.writeLine(Head{run, input}))
	}
	if err != nil {
		return nil, nil, "", errors.Join(err, f.Close())
	}
	return j, entries, run, nil
}

// readJournal returns what a journal has, and how long it is. A crash may have left half a
// line at its end, which doesn't count.
func readJournal(text []byte) (head Head, entries []Entry, size int64) {
	for line := range bytes.Lines(text) {
		var err error
		if size == 0 {
			err = json.Unmarshal(line, &head)
		} else {
			entries = append(entries, Entry{})
			err = json.Unmarshal(line, &entries[len(entries)-1])
		}
		if err != nil || !bytes.HasSuffix(line, []byte("\n")) {
			return head, entries[:max(0, len(entries)-1)], size
		}
		size += int64(len(line))
	}
	return head, entries, size
}

// writeLine adds a line, whole or not at all.
func (j *Journal) writeLine(line any) error {
	if j == nil {
		return nil
	}
	text, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	text = append(text, '\n')
	if _, err = j.file.WriteAt(text, j.size); err != nil {
		return errors.Join(fmt.Errorf("write the journal: %w", err), j.cutTail())
	}
	j.size += int64(len(text))
	return nil
}

// cutTail takes away the part behind the last whole line.
func (j *Journal) cutTail() error { return j.file.Truncate(j.size) }

// endJournal closes the journal, and takes it away when it isn't needed any more.
func (j *Journal) endJournal(needed bool) error {
	if j == nil {
		return nil
	}
	err := j.file.Close()
	if !needed {
		err = errors.Join(err, os.Remove(j.file.Name()))
	}
	return err
}
