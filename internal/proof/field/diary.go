package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// entry is one line of a diary: what a handler did, or that a publisher's job was accepted (no Part).
type entry struct {
	At       int64    `json:"at"` // microseconds since 1970
	Part     string   `json:"part,omitempty"`
	Source   string   `json:"source"`
	Key      string   `json:"key"`
	N        int      `json:"n"`
	By       uint64   `json:"by,omitempty"`
	Delivery necro.ID `json:"delivery,omitzero"`
}

func (e entry) jobOf() job { return job{e.Source, e.Key, e.N} }

// job names a job.
type job struct {
	source, key string
	n           int
}

func (j job) String() string { return fmt.Sprintf("job %d of %s for key %s", j.n, j.source, j.key) }

// diary is an append-only file of one process. A line is one write: it outlives a kill -9.
type diary struct{ file *os.File }

func openDiary(name string) (*diary, error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	return &diary{file}, err
}

// writeEntry appends a line. A process that cannot write must not go on: its deeds would be missed.
func (d *diary) writeEntry(e entry) {
	e.At = time.Now().UnixMicro()
	b, err := json.Marshal(e)
	if err == nil {
		_, err = d.file.Write(append(b, '\n'))
	}
	if err != nil {
		panic(fmt.Errorf("write the diary: %w", err))
	}
}

// readDiaries returns the lines of all diaries of a folder.
func readDiaries(dir string) (all []entry, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.diary"))
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			var e entry
			if json.Unmarshal(lines.Bytes(), &e) == nil { // the last line of a killed process may be a part
				all = append(all, e)
			}
		}
		file.Close()
		if err := lines.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return all, err
}
