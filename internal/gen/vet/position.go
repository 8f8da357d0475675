package vet

import (
	"go/token"
	"strconv"
	"strings"
)

// parsePosition reads file:line:column; the name of the file may have colons.
func parsePosition(s string) token.Position {
	var p token.Position
	rest, column := cutLast(s)
	p.Filename, p.Line = cutLast(rest)
	p.Column = column
	return p
}

// cutLast takes the number after the last colon off.
func cutLast(s string) (string, int) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, 0
	}
	n, err := strconv.Atoi(s[i+1:])
	if err != nil {
		return s, 0
	}
	return s[:i], n
}
