package main

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"
)

// Clean takes out the rows that can't be counted, and reads the numbers of the others.
//
//necro:organ clean concurrency=2
type Clean struct{}

// Clean cleans rows.
//
//necro:handle
func (*Clean) Clean(_ context.Context, e *RowsExtracted) (*RowsCleaned, error) {
	out := &RowsCleaned{Run: e.Run, Range: e.Range, Rejects: slices.Clone(e.Rejects)}
	out.Penguins = make([]Penguin, 0, len(e.Rows))
	for i := range e.Rows {
		p, reject := cleanRow(e.Rows[i].Fields)
		if reject != nil {
			reject.Line = e.Rows[i].Line
			out.Rejects = append(out.Rejects, *reject)
			continue
		}
		out.Penguins = append(out.Penguins, p)
	}
	return out, nil
}

// cleanRow returns a penguin, or why it is none: its first mistake or, without one, its first gap.
func cleanRow(fields []string) (p Penguin, _ *Reject) {
	var gap *Reject
	for column, text := range fields {
		var reject *Reject
		switch {
		case missing[text] != "":
			if gap == nil {
				gap = &Reject{Column: columns[column], Reason: missing[text]}
			}
			continue
		case column == colSpecies:
			p.Species, reject = cleanName(text)
		case column == colIsland:
			p.Island, reject = cleanName(text)
		case column == colBeakLength:
			p.BeakLength, reject = cleanNumber(text)
		case column == colBeakDepth:
			p.BeakDepth, reject = cleanNumber(text)
		case column == colFlipper:
			p.Flipper, reject = cleanNumber(text)
		case column == colMass:
			p.Mass, reject = cleanNumber(text)
		case column == colSex:
			p.Male, reject = cleanSex(text)
		}
		if reject != nil {
			reject.Column, reject.Value = columns[column], shortenValue(text)
			return p, reject
		}
	}
	return p, gap
}

// missing are the reasons, by the text that stands in place of an unknown value.
var missing = map[string]string{"NA": "is NA", ".": `is "."`, "": "is empty"}

// maxName is how many bytes a name has at most, so that groups don't grow with the input's mistakes.
const maxName = 64

func cleanName(text string) (string, *Reject) {
	switch {
	case !utf8.ValidString(text):
		return "", &Reject{Reason: "is not UTF-8", Mend: "save the file as UTF-8"}
	case len(text) > maxName:
		return "", &Reject{Reason: "is too long", Mend: "64 bytes are the limit"}
	}
	return text, nil
}

// maxNumber is beyond every penguin. It keeps sums of many rows from overflowing.
const maxNumber = 100_000 * one

func cleanNumber(text string) (Milli, *Reject) {
	n, err := ParseMilli(text)
	switch {
	case err != nil:
		return 0, &Reject{Reason: err.Error(), Mend: "write it as 39.1, with 3 digits behind the point at most"}
	case n <= 0 || n > maxNumber:
		return 0, &Reject{Reason: "is out of range", Mend: "it has to be above 0, and 100000 at most"}
	}
	return n, nil
}

func cleanSex(text string) (male bool, _ *Reject) {
	male = strings.EqualFold(text, "MALE")
	if male || strings.EqualFold(text, "FEMALE") {
		return male, nil
	}
	return false, &Reject{Reason: "is no sex", Mend: "write MALE, FEMALE or NA"}
}

// shortenValue cuts a value to what a message can show.
func shortenValue(text string) string {
	const limit = 40
	if len(text) > limit {
		text = text[:limit] + "…"
	}
	return strings.ToValidUTF8(text, "?")
}
