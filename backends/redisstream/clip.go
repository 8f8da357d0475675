package redisstream

import "github.com/necrostack/necrogen/internal/freeze"

// Bounds of the texts of a dead letter. The runtime keeps to those of error and stack; other callers may not,
// nor may the letters that a server stores.
const (
	maxErrorBytes = 17 << 10
	maxStackBytes = 65 << 10
	maxReason     = 100
)

// clipMiddle keeps the beginning and the end of a text that is too long. The words between them count, too.
func clipMiddle(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return freeze.ShortenMiddle(text, limit-40)
}
