package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// readCSV tells what encoding/csv makes of a text, a line for each record, and appends it.
func readCSV(told []string, text string, line int) []string {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return told
		}
		if parse, ok := err.(*csv.ParseError); ok {
			told = append(told, fmt.Sprintf("%d: %v", line+parse.StartLine-1, parse.Err))
			continue
		}
		at, _ := r.FieldPos(0)
		told = append(told, fmt.Sprintf("%d: %q", line+at-1, fields))
	}
}

// TestPlan divides random text, most of it with wrong quotes, into chunks of every size: the
// parts have the same records in the same lines as the whole.
func TestPlan(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		text := make([]byte, 1+dice.IntN(40))
		for i := range text {
			text[i] = `aa,,"""`[dice.IntN(7)]
			if dice.IntN(4) == 0 {
				text[i] = "\n\n\r \t\f"[dice.IntN(6)]
			}
		}
		whole := readCSV(nil, string(text), 1)
		for size := int64(1); size <= int64(len(text)); size += 1 + size/4 {
			var parts []string
			var at int64
			for p := newPlanner(strings.NewReader(string(text))); ; {
				r, line, err := p.nextRange(size)
				if err == io.EOF {
					break
				}
				if err != nil || r.From != at || r.To <= r.From || r.To > int64(len(text)) {
					t.Fatalf("%q: range %v after %d, %v", text, r, at, err)
				}
				parts, at = readCSV(parts, string(text[r.From:r.To]), line), r.To
			}
			if at != int64(len(text)) || strings.Join(parts, "\n") != strings.Join(whole, "\n") {
				t.Fatalf("%q in chunks of %d\n%s\nwant\n%s", text, size, strings.Join(parts, "\n"), strings.Join(whole, "\n"))
			}
		}
	}
}

func TestRanges(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 4))
	var s Ranges
	most := 0
	for i, n := range dice.Perm(100) {
		r := Range{int64(10 * n), int64(10*n + 10)}
		if s.Has(r) {
			t.Errorf("has %v before it was added", r)
		}
		s.Add(r)
		if !s.Has(r) || !s.Has(Range{r.From + 1, r.To - 1}) || s.bytes != int64(10*i+10) {
			t.Errorf("lacks %v, %d bytes", r, s.bytes)
		}
		most = max(most, len(s.list))
	}
	if len(s.list) != 1 || s.list[0] != (Range{0, 1000}) || most < 2 {
		t.Errorf("%v, and at most %d", s.list, most)
	}
	if s.Has(Range{990, 1001}) {
		t.Error("has what was never added")
	}
}

func TestMilli(t *testing.T) {
	for text, want := range map[string]Milli{"39.1": 39100, "0": 0, "181": 181000, "1.005": 1005, "-2.5": -2500} {
		if got, err := ParseMilli(text); got != want || err != nil {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", ".", "1.", ".5", "1.2345", "1e3", "1,5", "--1", "x", "1234567890123"} {
		if got, err := ParseMilli(text); err == nil {
			t.Errorf("%q: %d", text, got)
		}
	}
}
