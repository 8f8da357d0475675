package source

import "strings"

// tagWord is a word of a msgpack tag: key:value, or a value alone.
type tagWord struct {
	key, value string
	at         int // where it begins in the tag
}

// tagWords splits a msgpack tag as the reference's parser does. Words stand apart by commas; a
// value may stand in single quotes, a backslash takes the byte behind it as it is, and commas
// in parentheses belong to a value.
func tagWords(text string) []tagWord {
	r := &tagReader{text: text}
	for r.more() {
		r.readWord()
	}
	return r.words
}

type tagReader struct {
	text  string
	i     int
	words []tagWord
}

func (r *tagReader) more() bool { return r.i < len(r.text) }

// next returns 0 at the end, like the reference.
func (r *tagReader) next() (c byte) {
	if r.more() {
		c = r.text[r.i]
		r.i++
	}
	return c
}

func (r *tagReader) skip(c byte) bool {
	is := r.more() && r.text[r.i] == c
	if is {
		r.i++
	}
	return is
}

func (r *tagReader) addWord(at int, key, value string) {
	rest := r.text[at:]
	at += len(rest) - len(strings.TrimLeft(rest, " "))
	r.words = append(r.words, tagWord{strings.TrimSpace(key), strings.TrimSpace(value), at})
}

// readWord reads up to the next comma.
func (r *tagReader) readWord() {
	start := r.i
	for r.more() {
		switch r.next() {
		case ',':
			r.addWord(start, "", r.text[start:r.i-1])
			r.skip(' ')
			return
		case ':':
			r.readValue(start, r.text[start:r.i-1])
			return
		case '\'':
			r.readQuoted(start, "") // the text before the quote is lost
			return
		}
	}
	r.addWord(start, "", r.text[start:])
}

// readValue reads the text behind a colon.
func (r *tagReader) readValue(start int, key string) {
	if r.skip('\'') {
		r.readQuoted(start, key)
		return
	}
	var b []byte
	for r.more() {
		switch c := r.next(); c {
		case '\\':
			b = append(b, r.next())
		case '(':
			b = r.readParentheses(append(b, c))
		case ',':
			r.skip(' ')
			r.addWord(start, key, string(b))
			return
		default:
			b = append(b, c)
		}
	}
	r.addWord(start, key, string(b))
}

// readParentheses reads to the one that closes more than were opened.
func (r *tagReader) readParentheses(b []byte) []byte {
	for level := 0; r.more() && level >= 0; {
		c := r.next()
		switch c {
		case '\\':
			c = r.next()
		case '(':
			level++
		case ')':
			level--
		}
		b = append(b, c)
	}
	return b
}

// readQuoted reads to the next quote that has no backslash before it.
func (r *tagReader) readQuoted(start int, key string) {
	value := ""
	for {
		part, rest, found := strings.Cut(r.text[r.i:], "'")
		r.i = len(r.text) - len(rest)
		escaped, is := strings.CutSuffix(part, `\`)
		if !found || !is {
			value += part
			break
		}
		value += escaped + "'"
	}
	r.addWord(start, key, value)
	if r.skip(',') {
		r.skip(' ')
	}
}
