package sabotage

import (
	"bytes"
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"path"
	"slices"
)

// word is a token, and where it is in its text.
type word struct {
	text string
	span
}

// span is a part of a text.
type span struct{ from, to int }

var (
	errEmpty  = errors.New("has nothing to look for")
	errAbsent = errors.New("is found nowhere, want it once")
)

// findOnce returns where a sequence of tokens is, which must be there once.
func findOnce(in, wanted []word) (span, error) {
	if len(wanted) == 0 {
		return span{}, errEmpty
	}
	var found []span
	for i := range len(in) - len(wanted) + 1 {
		part := in[i : i+len(wanted)]
		if slices.EqualFunc(part, wanted, func(a, b word) bool { return a.text == b.text }) {
			found = append(found, span{part[0].from, part[len(part)-1].to})
		}
	}
	switch len(found) {
	case 0:
		return span{}, errAbsent
	case 1:
		return found[0], nil
	}
	return span{}, fmt.Errorf("is found %d times, want it once: add what stands around it", len(found))
}

// goWords splits Go code, or a part of it, into tokens without comments. Separators that come and go
// with line breaks are left out: a semicolon or a comma in front of a closing bracket, and a semicolon
// at the end.
func goWords(code []byte) ([]word, error) {
	var s scanner.Scanner
	var mistakes scanner.ErrorList
	file := token.NewFileSet().AddFile("", -1, len(code))
	s.Init(file, code, mistakes.Add, 0)
	var words []word
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			break
		}
		if tok.IsOperator() {
			text = tok.String()
		}
		from := file.Offset(pos)
		w := word{text, span{from, from + len(text)}}
		if n := len(words) - 1; n >= 0 && closes(tok) && isSeparator(words[n].text) {
			words = words[:n]
		}
		words = append(words, w)
	}
	if n := len(words) - 1; n >= 0 && words[n].text == ";" {
		words = words[:n]
	}
	return words, mistakes.Err()
}

func closes(t token.Token) bool { return t == token.RPAREN || t == token.RBRACE || t == token.RBRACK }

func isSeparator(text string) bool { return text == ";" || text == "," }

// splitterOf returns what splits the text of a file that is not Go into tokens.
func splitterOf(name string) func([]byte) []word {
	if path.Ext(name) == ".lua" {
		return luaWords
	}
	return plainWords
}

// plainWords splits a text into words and signs.
func plainWords(text []byte) []word {
	var words []word
	for i := 0; i < len(text); {
		to := i + 1
		for isLetter(text[i]) && to < len(text) && isLetter(text[to]) {
			to++
		}
		if !isSpace(text[i]) {
			words = append(words, word{string(text[i:to]), span{i, to}})
		}
		i = to
	}
	return words
}

// luaOperators are those of two signs.
var luaOperators = []string{"==", "~=", "<=", ">=", ".."}

// luaWords splits Lua code into tokens without comments. Strings are one token each.
func luaWords(code []byte) []word {
	var words []word
	for i := 0; i < len(code); {
		to := i + 1
		comment := bytes.HasPrefix(code[i:], []byte("--"))
		switch {
		case comment:
			to = lineEnd(code, i)
			if n := longEnd(code, i+2); n > 0 {
				to = n
			}
		case code[i] == '\'' || code[i] == '"':
			to = quoteEnd(code, i)
		case longEnd(code, i) > 0:
			to = longEnd(code, i)
		case slices.Contains(luaOperators, string(code[i:min(i+2, len(code))])):
			to = i + 2
		default:
			for isLetter(code[i]) && to < len(code) && isLetter(code[to]) {
				to++
			}
		}
		if !comment && !isSpace(code[i]) {
			words = append(words, word{string(code[i:to]), span{i, to}})
		}
		i = to
	}
	return words
}

func lineEnd(code []byte, i int) int {
	for i < len(code) && code[i] != '\n' {
		i++
	}
	return i
}

// longEnd returns where a text in double brackets ends that begins at i, 0 when none does.
func longEnd(code []byte, i int) int {
	if i >= len(code) || !bytes.HasPrefix(code[i:], []byte("[[")) {
		return 0
	}
	if n := bytes.Index(code[i:], []byte("]]")); n >= 0 {
		return i + n + 2
	}
	return len(code)
}

func quoteEnd(code []byte, i int) int {
	for to := i + 1; to < len(code); to++ {
		switch code[to] {
		case '\\':
			to++
		case code[i], '\n':
			return to + 1
		}
	}
	return len(code)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isLetter(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c >= 0x80
}
