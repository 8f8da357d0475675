package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The columns that are needed. Others are not looked at.
const (
	colSpecies = iota
	colIsland
	colBeakLength
	colBeakDepth
	colFlipper
	colMass
	colSex
)

var columns = []string{"species", "island", "beak_length_mm", "beak_depth_mm", "flipper_length_mm", "body_mass_g", "sex"}

// Layout says where the columns stand in a file.
type Layout struct {
	Places []int `msgpack:"places"` // by column
	Fields int   `msgpack:"fields"` // of a line
}

// newLayout reads a header, which may have its columns in any order.
func newLayout(header []string) (Layout, error) {
	names := make([]string, len(header))
	for i, name := range header {
		names[i] = strings.ToLower(strings.TrimSpace(name))
	}
	l := Layout{Fields: len(names)}
	var missing []string
	for _, name := range columns {
		place := slices.Index(names, name)
		if place < 0 {
			missing = append(missing, name)
		} else if slices.Contains(names[place+1:], name) {
			return l, fmt.Errorf("the column %s stands there twice: take one away", name)
		}
		l.Places = append(l.Places, place)
	}
	switch {
	case missing == nil:
		return l, nil
	case len(header) == 1 && strings.ContainsAny(header[0], ";\t|"):
		return l, errors.New("the columns are not separated by commas: save the file as CSV with commas")
	case len(missing) == len(columns):
		return l, fmt.Errorf("this is no header: the first line has to name the columns, %s", strings.Join(columns, ","))
	}
	return l, fmt.Errorf("there is no column %s: add it, or rename the one that is meant; the header has %s",
		strings.Join(missing, ", "), strings.Join(names, ", "))
}

// pickFields returns the needed fields of a line.
func (l *Layout) pickFields(line []string) []string {
	fields := make([]string, len(columns))
	for column, place := range l.Places {
		fields[column] = strings.TrimSpace(line[place])
	}
	return fields
}
