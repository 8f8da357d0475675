package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"strconv"

	"github.com/necrostack/necrogen/examples/internal/cli"
)

// Store writes the result. A file that is there is replaced as a whole, so it does no harm
// to do it again.
//
//necro:organ store retry=3 backoff=100ms..1s
type Store struct {
	run    string
	output string
	stored bool
}

// Write writes the totals to the output.
//
//necro:handle
func (s *Store) Write(_ context.Context, e *TotalsReady) (*ResultStored, error) {
	if e.Run != s.run {
		return nil, nil // left over from a run that was not resumed
	}
	var text bytes.Buffer
	if err := writeResult(&text, e.Totals.Groups); err != nil {
		return nil, err
	}
	if err := replaceFile(s.output, text.Bytes()); err != nil {
		return nil, cli.FileError(s.output, err)
	}
	s.stored = true
	return &ResultStored{Run: e.Run, File: s.output, Groups: len(e.Totals.Groups)}, nil
}

var resultHeader = []string{
	"species", "island", "sex", "count", "mass_kg_mean", "mass_kg_min", "mass_kg_max",
	"flipper_cm_mean", "flipper_cm_min", "flipper_cm_max", "beak_ratio_mean", "beak_ratio_min", "beak_ratio_max",
}

func writeResult(w io.Writer, groups []GroupTotals) error {
	c := csv.NewWriter(w)
	c.Write(resultHeader)
	for i := range groups {
		g := &groups[i]
		line := []string{g.Group.Species, g.Group.Island, g.Group.Sex, strconv.FormatInt(g.Count, 10)}
		for _, s := range []Span{g.Mass, g.Flipper, g.Beak} {
			line = append(line, s.Sum.divideBy(g.Count).String(), s.Min.String(), s.Max.String())
		}
		c.Write(line)
	}
	c.Flush()
	return c.Error()
}

// replaceFile writes a file under another name first: a reader sees the old file or the new one.
func replaceFile(name string, text []byte) error {
	temporary := name + ".new"
	err := os.WriteFile(temporary, text, 0o644)
	if err == nil {
		err = os.Rename(temporary, name)
	}
	if err != nil {
		err = errors.Join(err, ignoreMissing(os.Remove(temporary)))
	}
	return err
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
