package diag

import (
	"strings"
	"unicode/utf8"
)

// drawPath draws the way to the thing that is wrong, each type below its step, the last one
// first:
//
//	Order.Legs[].Price
//	      |   |  chan int
//	      |   Leg
//	      []Leg
//
// A way with one type only is told by the message: it gives nothing.
func drawPath(path []Step) []string {
	var columns []int // of the steps with a type
	var types []string
	var names strings.Builder
	for _, s := range path {
		if s.Type != "" {
			columns = append(columns, utf8.RuneCountInString(names.String()+s.Name[:countDots(s.Name)]))
			types = append(types, s.Type)
		}
		names.WriteString(s.Name)
	}
	if len(types) < 2 {
		return nil
	}
	lines := []string{names.String()}
	for last := len(types) - 1; last >= 0; last-- {
		row := drawBars(columns[:last], columns[last])
		if strings.HasSuffix(row, "|") {
			row += " "
		}
		lines = append(lines, row+types[last])
	}
	return lines
}

// countDots counts the dots before the first letter of a field.
func countDots(name string) int { return len(name) - len(strings.TrimLeft(name, ".")) }

// drawBars draws a bar at each of the columns, and is as wide as width.
func drawBars(columns []int, width int) string {
	line := []byte(strings.Repeat(" ", width))
	for _, c := range columns {
		if c < width { // else a step without a name
			line[c] = '|'
		}
	}
	return string(line)
}
