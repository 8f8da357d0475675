package load

import (
	"regexp"
	"strings"

	"github.com/necrostack/necrogen/internal/spec"
)

// readValidate reads rules as go-playground/validator/v10 does: words apart by commas, with a
// new level after every dive. Nothing is trimmed, since the reference does not. The tag "-" is a
// rule of that name: the field is not entered.
func readValidate(v tagValue, at func(int) spec.Pos) *spec.Rules {
	if v.text == "" {
		return nil
	}
	return readLevel(cut(v, ","), at)
}

// readLevel reads words up to the next dive, which begins a level of its own. keys right behind
// dive opens the rules of a map's keys, which go on to the first endkeys.
func readLevel(words []tagValue, at func(int) spec.Pos) *spec.Rules {
	level := &spec.Rules{}
	if len(words) > 0 {
		level.Pos = at(words[0].offsets[0])
	}
	for i, w := range words {
		if w.text != "dive" {
			level.List = append(level.List, readRule(w, at))
			continue
		}
		rest := words[i+1:]
		var keys *spec.Rules
		if len(rest) > 0 && rest[0].text == "keys" {
			keys, rest = readKeys(rest, at)
		}
		level.Dive = readLevel(rest, at)
		level.Dive.Keys, level.Dive.Pos = keys, at(w.offsets[0])
		break
	}
	return level
}

// readKeys reads the rules from keys to endkeys and returns what follows.
func readKeys(words []tagValue, at func(int) spec.Pos) (keys *spec.Rules, rest []tagValue) {
	for i, w := range words {
		if w.text == "endkeys" {
			keys = readLevel(words[1:i], at)
			keys.Pos = at(words[0].offsets[0])
			return keys, words[i+1:]
		}
	}
	keys = readLevel(words[1:], at)
	keys.Pos, keys.Unclosed = at(words[0].offsets[0]), true
	return keys, nil
}

// hexReplacer undoes how the reference writes a comma and a bar inside a parameter.
var hexReplacer = strings.NewReplacer("0x2C", ",", "0x7C", "|")

// readRule splits name=param, and alternatives at their bars.
func readRule(word tagValue, at func(int) spec.Pos) *spec.Rule {
	alternatives := cut(word, "|")
	if len(alternatives) == 1 {
		return readAlternative(word, at)
	}
	r := &spec.Rule{Pos: at(word.offsets[0])}
	var names []string
	for _, a := range alternatives {
		one := readAlternative(a, at)
		r.Or = append(r.Or, one)
		name := one.Name
		if strings.Contains(a.text, "=") {
			name += "=" + one.Param
		}
		names = append(names, name)
	}
	r.Name = strings.Join(names, "|")
	return r
}

func readAlternative(word tagValue, at func(int) spec.Pos) *spec.Rule {
	name, param, ok := strings.Cut(word.text, "=")
	r := &spec.Rule{Pos: at(word.offsets[0]), Name: name, Param: hexReplacer.Replace(param)}
	if ok {
		r.Words = paramWords(param, word.offsets[len(name)+1:], at)
	}
	return r
}

// paramWord is a word of a parameter, as the reference finds it.
var paramWord = regexp.MustCompile(`'[^']*'|\S+`)

func paramWords(param string, offsets []int, at func(int) spec.Pos) (words []spec.Word) {
	for _, span := range paramWord.FindAllStringIndex(param, -1) {
		text := strings.ReplaceAll(param[span[0]:span[1]], "'", "")
		words = append(words, spec.Word{Pos: at(offsets[span[0]]), Text: hexReplacer.Replace(text)})
	}
	return words
}

// cut splits a value at a separator.
func cut(v tagValue, sep string) (parts []tagValue) {
	offset := 0
	for part := range strings.SplitSeq(v.text, sep) {
		parts = append(parts, tagValue{text: part, offsets: v.offsets[offset:]})
		offset += len(part) + len(sep)
	}
	return parts
}
