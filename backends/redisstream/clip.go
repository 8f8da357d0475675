package redisstream

import "fmt"

// Bounds of the texts of a dead letter. The runtime keeps to those of error and stack; other callers may not,
// nor may the letters that a server stores.
const (
	maxErrorBytes = 17 << 10
	maxStackBytes = 65 << 10
	maxReason     = 100
)

// clipMiddle keeps the beginning and the end of a text that is too long.
func clipMiddle(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	half := limit/2 - 20
	return fmt.Sprintf("%s … %d bytes left out … %s", text[:half], len(text)-2*half, text[len(text)-half:])
}
