// Package files writes and reads the files of tests. An error ends the test, so that a test describes its disk
// in one line.
package files

import (
	"os"
	"path/filepath"
	"testing"
)

// Write writes a file with the mode 0644, and makes the folders above it that are missing.
func Write[Content string | []byte](tb testing.TB, path string, content Content) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// Read returns what a file holds.
func Read(tb testing.TB, path string) string {
	tb.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return string(content)
}
