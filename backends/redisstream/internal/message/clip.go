package message

import "github.com/necrostack/necrogen/internal/freeze"

// Bounds of the texts of a dead letter. The runtime keeps to those of error and stack; other callers may not,
// nor may the letters that a server stores.
const (
	MaxErrorBytes = 17 << 10
	MaxStackBytes = 65 << 10
	MaxReason     = 100
)

// ClipMiddle keeps the beginning and the end of a text that is too long. The words between them count, too.
func ClipMiddle(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return freeze.ShortenMiddle(text, limit-40)
}
