package rule

import (
	"regexp"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// Read reads the rules of a validate tag as go-playground/validator/v10 does: words apart by
// commas, with a new level after every dive. Nothing is trimmed, since the reference does not. The
// tag "-" is a rule of that name: the field is not entered. An empty tag has no rules, which is nil.
// at says where the byte of an index stands, up to the one behind the last.
func Read(tag string, at func(index int) model.Pos) *model.Rules {
	if tag == "" {
		return nil
	}
	r := reader{at}
	return r.readLevel(cutPart(part{tag, 0}, ","))
}

// Nowhere is the place of rules whose source does not matter.
func Nowhere(int) model.Pos { return model.Pos{} }

type reader struct{ at func(index int) model.Pos }

// part is a piece of a tag, and the index at which it begins.
type part struct {
	text  string
	start int
}

// readLevel reads words up to the next dive, which begins a level of its own. keys right behind
// dive opens the rules of a map's keys, which go on to the first endkeys.
func (r reader) readLevel(words []part) *model.Rules {
	level := &model.Rules{}
	if len(words) > 0 {
		level.Pos = r.at(words[0].start)
	}
	for i, w := range words {
		if w.text != "dive" {
			level.List = append(level.List, r.readRule(w))
			continue
		}
		rest := words[i+1:]
		var keys *model.Rules
		if len(rest) > 0 && rest[0].text == "keys" {
			keys, rest = r.readKeys(rest)
		}
		level.Dive = r.readLevel(rest)
		level.Dive.Keys, level.Dive.Pos = keys, r.at(w.start)
		break
	}
	return level
}

// readKeys reads the rules from keys to endkeys and returns the rules behind them.
func (r reader) readKeys(words []part) (keys *model.Rules, rest []part) {
	for i, w := range words {
		if w.text == "endkeys" {
			keys = r.readLevel(words[1:i])
			keys.Pos = r.at(words[0].start)
			return keys, words[i+1:]
		}
	}
	keys = r.readLevel(words[1:])
	keys.Pos, keys.Unclosed = r.at(words[0].start), true
	return keys, nil
}

// hexReplacer undoes how the reference writes a comma and a bar inside a parameter.
var hexReplacer = strings.NewReplacer("0x2C", ",", "0x7C", "|")

// readRule splits name=param, and alternatives at their bars.
func (r reader) readRule(word part) *model.Rule {
	alternatives := cutPart(word, "|")
	if len(alternatives) == 1 {
		return r.readAlternative(word)
	}
	whole := &model.Rule{Pos: r.at(word.start)}
	var names []string
	for _, a := range alternatives {
		one := r.readAlternative(a)
		whole.Or = append(whole.Or, one)
		name := one.Name
		if strings.Contains(a.text, "=") {
			name += "=" + one.Param
		}
		names = append(names, name)
	}
	whole.Name = strings.Join(names, "|")
	return whole
}

func (r reader) readAlternative(word part) *model.Rule {
	name, param, ok := strings.Cut(word.text, "=")
	one := &model.Rule{Pos: r.at(word.start), Name: name, Param: hexReplacer.Replace(param)}
	if ok {
		one.Words = r.readWords(part{param, word.start + len(name) + 1})
	}
	return one
}

// paramWord is a word of a parameter, as the reference finds it.
var paramWord = regexp.MustCompile(`'[^']*'|\S+`)

func (r reader) readWords(param part) (words []model.Word) {
	for _, span := range paramWord.FindAllStringIndex(param.text, -1) {
		text := strings.ReplaceAll(param.text[span[0]:span[1]], "'", "")
		words = append(words, model.Word{Pos: r.at(param.start + span[0]), Text: hexReplacer.Replace(text)})
	}
	return words
}

// cutPart splits a part at a separator.
func cutPart(p part, sep string) (parts []part) {
	start := p.start
	for text := range strings.SplitSeq(p.text, sep) {
		parts = append(parts, part{text, start})
		start += len(text) + len(sep)
	}
	return parts
}
