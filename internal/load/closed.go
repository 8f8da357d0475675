package load

import (
	"os"
	"slices"
)

// closed says that every package was loaded that could handle the events of p: nothing can
// import a program, and of another package all of its module must be named.
func (l *loader) closed(p *listed) bool {
	return p.Name == "main" || slices.ContainsFunc(l.patterns, func(pattern string) bool {
		return pattern == p.Module.Path+"/..." || pattern == "./..." && sameFolder(l.dir, p.Module.Dir)
	})
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
