package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/necrostack/necrogen/internal/operate"
	"github.com/necrostack/necrogen/internal/redact"
	"github.com/necrostack/necrogen/internal/redact/msgpackjson"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Bounds of what a page shows of a text and of a payload.
const (
	maxLine    = 300
	maxPayload = 64 << 10
	maxHex     = 16

	maxIndented = 32 // levels
)

// lineOf returns a stored text on one line: secrets masked, cut, and without characters that are not printable.
func lineOf(text string) string {
	shown := operate.OneLine(redact.Default.Text(redact.Cut(text, redact.MaxText)))
	if cut := redact.Cut(shown, maxLine); len(cut) < len(shown) {
		return cut + "…"
	}
	return shown
}

// linesOf is lineOf for a text of several lines, which are kept as a whole.
func linesOf(text string) string { return operate.EscapeLines(redact.Default.Text(text)) }

// header is one of a message.
type header struct{ Name, Value string }

// headersOf returns the headers of a message in the order of their names.
func headersOf(m *contract.Message) (list []header) {
	for _, name := range slices.Sorted(maps.Keys(m.Headers)) {
		value := lineOf(m.Headers[name])
		if redact.Default.Has(name) {
			value = redact.Mask
		}
		list = append(list, header{lineOf(name), value})
	}
	return list
}

// payloadOf returns an event as JSON with secrets masked by the names of their fields.
func payloadOf(m *contract.Message) string {
	payload, err := m.Encoded()
	if err != nil {
		return "it cannot be encoded: " + lineOf(err.Error())
	}
	return valueText(payload)
}

// valueText returns an encoded event or state as JSON, with secrets masked by the names of their fields. Of bytes that are neither only
// the first are shown, because a secret among them cannot be told.
func valueText(encoded []byte) string {
	text, err := msgpackjson.Masked(encoded, redact.Default, maxPayload)
	if err != nil {
		return fmt.Sprintf("%d bytes that are no value: %s\nthey begin with % x; necroctl dead show has those of a letter", len(encoded), lineOf(err.Error()), encoded[:min(len(encoded), maxHex)])
	}
	var indented bytes.Buffer
	if !nestsDeeper(text, maxIndented) && json.Indent(&indented, []byte(text), "", "  ") == nil {
		return string(operate.EscapeJSON(indented.Bytes()))
	}
	return operate.EscapeLines(text) // it was cut, or is too deep
}

// nestsDeeper reports whether JSON has lists and objects in each other deeper than a limit: indented, 33 KB that are a thousand
// deep are 64 MB. A text that is cut counts as far as it goes.
func nestsDeeper(text string, limit int) bool {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			if depth++; depth > limit {
				return true
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return false
}
