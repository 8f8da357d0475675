package source

import (
	"go/build"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// isClosed says that every package was loaded that could handle the events of p: nothing can
// import a program, and of another package all of its module must be named.
func (l *loader) isClosed(p *listed) bool {
	return p.Name == "main" || slices.ContainsFunc(l.patterns, func(pattern string) bool {
		root, all := strings.CutSuffix(pattern, "/...")
		return all && (root == p.Module.Path || sameFolder(l.patternFolder(root), p.Module.Dir))
	})
}

// patternFolder returns the folder that a pattern begins with, or "" when it begins with an import path.
func (l *loader) patternFolder(root string) string {
	switch {
	case filepath.IsAbs(root):
		return root
	case build.IsLocalImport(root):
		return filepath.Join(l.dir, root)
	}
	return ""
}

func sameFolder(a, b string) bool {
	if a == b {
		return true
	}
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
