// Package shortpath writes paths as people read them.
package shortpath

import (
	"path/filepath"
	"strings"
)

// Below shortens the path of a file in dir, or in a folder below, to the way from dir, with slashes everywhere,
// so that the printed path is the same on every system. Another path is returned as it is, since a row of ".."
// is harder to read. Both are clean and absolute.
func Below(dir, path string) string { return below(dir, path, filepath.Separator) }

// below knows both kinds of paths. On Windows, letters of either case are the same, and slashes
// of either kind: the go command, the compiler and the shell do not agree on them.
func below(dir, path string, separator rune) string {
	root, rest := dir, path
	same := func(a, b string) bool { return a == b }
	if separator == '\\' {
		root, rest = strings.ReplaceAll(dir, `\`, "/"), strings.ReplaceAll(path, `\`, "/")
		same = strings.EqualFold
	}
	root = strings.TrimSuffix(root, "/") + "/"
	if len(rest) <= len(root) || !same(rest[:len(root)], root) {
		return path
	}
	return rest[len(root):]
}
